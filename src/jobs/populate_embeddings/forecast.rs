//! What it will take: tokens, money and time.

use std::time::Duration;

/// The most that a run may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Tokens.
    Tokens(u64),
    /// Millionths of a US dollar.
    Micros(u64),
}

impl Budget {
    /// Reads `500000`, `500_000` or `$2.50`.
    pub fn read(text: &str) -> Option<Budget> {
        let Some(dollars) = text.strip_prefix('$') else {
            return text.replace('_', "").parse().ok().map(Budget::Tokens);
        };
        let (whole, part) = dollars.split_once('.').unwrap_or((dollars, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 6 {
            return None;
        }
        let micros: u64 = format!("{part:0<6}").parse().ok()?;
        whole.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(micros).map(Budget::Micros)
    }

    /// Whether this many tokens are more than it allows, at `price` millionths of a dollar for a million.
    pub fn is_exceeded(self, tokens: u64, price: u64) -> bool {
        match self {
            Budget::Tokens(most) => tokens > most,
            Budget::Micros(most) => cost(tokens, price) > most,
        }
    }
}

impl std::fmt::Display for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Budget::Tokens(tokens) => write!(f, "{tokens} tokens"),
            Budget::Micros(micros) => f.write_str(&dollars(*micros)),
        }
    }
}

/// Millionths of a dollar for these tokens, rounded up.
pub fn cost(tokens: u64, price: u64) -> u64 {
    (u128::from(tokens) * u128::from(price)).div_ceil(1_000_000) as u64
}

/// As `$0.30`, with as many digits as it takes to show something.
pub fn dollars(micros: u64) -> String {
    let cents = micros.div_ceil(10_000);
    match micros {
        0 => "$0".to_owned(),
        1..10_000 => format!("${:.4}", micros as f64 / 1e6),
        _ => format!("${}.{:02}", cents / 100, cents % 100),
    }
}

/// As `4 m 12 s`.
pub fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// How far estimates are off: what was billed for what was estimated so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratio {
    billed: u64,
    estimated: u64,
}

impl Ratio {
    /// Takes a request's figures in.
    pub fn learn(&mut self, billed: u64, estimated: u64) {
        self.billed += billed;
        self.estimated += estimated;
    }

    /// What an estimate will be on the bill.
    pub fn apply(self, estimated: u64) -> u64 {
        match (self.billed, self.estimated) {
            (0, _) | (_, 0) => estimated,
            (billed, of) => (u128::from(estimated) * u128::from(billed)).div_ceil(u128::from(of)) as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_read_and_held() {
        assert_eq!(Budget::read("500_000"), Some(Budget::Tokens(500_000)));
        assert_eq!(Budget::read("$2.5"), Some(Budget::Micros(2_500_000)));
        assert_eq!(Budget::read("$0.000001"), Some(Budget::Micros(1)));
        for wrong in ["", "$", "$.5", "-1", "$1.2345678", "2.5", "$1e3"] {
            assert_eq!(Budget::read(wrong), None, "{wrong}");
        }
        // 2.5 million tokens at 12 cents a million are 30 cents.
        assert_eq!(dollars(cost(2_500_000, 120_000)), "$0.30");
        assert!(Budget::Micros(299_999).is_exceeded(2_500_000, 120_000));
        assert!(!Budget::Micros(300_000).is_exceeded(2_500_000, 120_000));
    }

    #[test]
    fn estimates_learn_from_the_bill() {
        let mut ratio = Ratio::default();
        assert_eq!(ratio.apply(100), 100);
        ratio.learn(120, 100);
        ratio.learn(60, 100);
        assert_eq!(ratio.apply(1_000), 900);
    }
}
