use super::settings::MODEL_NAMES;
use crate::clients::cohere::MODELS;

#[test]
fn the_models_that_can_be_named_are_those_that_are_known() {
    let known: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
    assert_eq!(MODEL_NAMES, known);
    assert!(MODELS.iter().all(|model| !model.dimensions.is_empty() && model.cents > 0));
}
