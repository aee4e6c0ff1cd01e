//! The gates of the way: on the deployment's own URL, and on the public ones.

use super::drive::Drive;
use super::flow::Ended;
use crate::clients::Client;
use crate::clients::github;
use crate::clients::oidc;
use crate::clients::retry::Rules;
use crate::clients::vercel::Deployment;
use crate::codes;
use crate::jobs::health::{self, Address, Checked, Gate, Pass, Seen, Visit};
use crate::problem::Failure;
use crate::secret::Secret;
use chrono::TimeDelta;

/// The header of Vercel's "Protection Bypass for Automation".
const BYPASS: &str = "x-vercel-protection-bypass";

/// The header of Vercel's "Trusted Sources".
const TRUSTED: &str = "x-vercel-trusted-oidc-idp-token";

/// How often what serves now is looked at before it is taken for unhealthy.
const LOOKS: u32 = 3;

/// How many domains are asked after a switch.
const MOST_DOMAINS: usize = 20;

/// A public URL.
struct Public {
    url: String,
    whole: bool,
    /// Whether the user named it; one that Vercel named may be protected.
    asked: bool,
}

impl Drive<'_> {
    /// The gate on the URL that is the deployment's own.
    pub(super) async fn gate_new(&mut self) -> Ended {
        let Some(gate) = self.gate() else {
            self.warnings
                .push((&codes::GATE_WEAK, "the health gate is turned off: nobody looks whether it answers".to_owned()));
            return Ended::Done;
        };
        if self.options.gate.as_ref().is_some_and(|gate| !gate.checks_identity()) {
            let message = "identity not checked: nothing in the answer shows which version it comes from, so an old version passes for the new one";
            self.warnings.push((&codes::GATE_WEAK, message.to_owned()));
        }
        let visit = self.visit(format!("{}://{}", self.options.scheme, self.deployment.url), false, false).await;
        let checked = self.ask("its own URL", &gate, &visit).await;
        self.judge("its own URL", checked)
    }

    /// The gate on every public URL, past every cache.
    pub(super) async fn gate_public(&mut self) -> Ended {
        let Some(gate) = self.gate() else { return Ended::Done };
        self.ask_all("the public URL", &gate, false).await
    }

    /// The gate on every public URL, for what serves again.
    pub(super) async fn gate_old(&mut self) -> Ended {
        let Some(settings) = &self.options.gate else { return Ended::Done };
        let gate = settings.whatever_serves();
        // The domains that Vercel names are asked too: a rollback has been seen to forget one.
        self.ask_all("what serves again", &gate, true).await
    }

    /// Whether what serves now is healthy; nothing where there is no gate or no public URL.
    pub(super) async fn is_healthy_now(&mut self) -> Option<bool> {
        let gate = self.options.gate.as_ref()?.whatever_serves();
        let publics = self.publics(false);
        for public in &publics {
            let visit = self.visit(public.url.clone(), public.whole, true).await;
            let mut healthy = false;
            for look in 0..LOOKS {
                if look > 0 {
                    self.work.host.sleep(gate.pace.interval / 2).await;
                }
                let left = (self.deadline - self.work.host.now()).to_std().unwrap_or_default();
                match health::look(self.work.host, &gate, &visit, left).await {
                    Seen::Well => {
                        healthy = true;
                        break;
                    }
                    Seen::Unwell(ailment) => {
                        self.work.log.line(&format!("what serves `{}` now: {ailment}", public.url))
                    }
                    Seen::Follow(_) => {}
                }
            }
            if !healthy {
                return Some(false);
            }
        }
        (!publics.is_empty()).then_some(true)
    }

    fn gate(&self) -> Option<Gate> {
        Some(self.options.gate.as_ref()?.expecting(&self.content.commit, &self.content.digest))
    }

    async fn ask_all(&mut self, what: &'static str, gate: &Gate, with_named: bool) -> Ended {
        for public in self.publics(with_named) {
            let visit = self.visit(public.url, public.whole, true).await;
            let checked = self.ask(what, gate, &visit).await;
            let is_guarded = checked.ailment.as_ref().is_some_and(|ailment| ailment.is_hopeless());
            if is_guarded && !public.asked {
                self.note(format!("`{}` is protected and was not looked at", checked.url));
                continue;
            }
            if self.judge(what, checked) != Ended::Done {
                return Ended::Failed;
            }
        }
        Ended::Done
    }

    async fn ask(&self, what: &str, gate: &Gate, visit: &Visit) -> Checked {
        self.work.log.line(&format!("health gate on {what}: `{}`", health::url_of(gate, visit)));
        // What serves again is looked at however little is left of the deadline.
        let deadline = self.deadline.max(self.work.host.now() + TimeDelta::minutes(1));
        health::wait(self.work.host, gate, visit, deadline, &|text| self.work.log.line(text)).await
    }

    fn judge(&mut self, what: &'static str, checked: Checked) -> Ended {
        self.note(checked.to_string());
        let passed = checked.passed();
        let message = format!("{what}: {checked}");
        self.checks.push((what, checked));
        if passed { Ended::Done } else { self.fail(Failure::new(&codes::UNHEALTHY, message)) }
    }

    /// The public URLs: those that the user named, else those that Vercel names.
    fn publics(&self, with_named: bool) -> Vec<Public> {
        let scheme = self.options.scheme;
        let mut publics: Vec<Public> = Vec::new();
        let mut add = |url: String, whole: bool, asked: bool| {
            let authority = Address::read(&url).map(|address| address.authority);
            let known = |public: &Public| Address::read(&public.url).map(|address| address.authority) == authority;
            if !publics.iter().any(known) && publics.len() < MOST_DOMAINS {
                publics.push(Public { url, whole, asked });
            }
        };
        let given = self.options.gate.as_ref().and_then(|gate| gate.url.clone());
        match (given, &self.options.frontend_url) {
            (Some(url), _) => add(url, true, true),
            (None, Some(url)) if self.options.is_production() || self.serves_at(url) => add(url.clone(), false, true),
            (None, _) => {}
        }
        for domain in &self.options.domains {
            add(format!("{scheme}://{domain}"), false, true);
        }
        let named = self.project.production.iter().flat_map(|served| &served.aliases);
        let nobody_asked = self.options.gate.as_ref().is_none_or(|gate| gate.url.is_none())
            && self.options.frontend_url.is_none()
            && self.options.domains.is_empty();
        if self.options.is_production() && (with_named || nobody_asked) {
            for domain in named {
                add(format!("{scheme}://{domain}"), false, false);
            }
        }
        publics
    }

    /// Whether the URL's host is one of the deployment's domains.
    fn serves_at(&self, url: &str) -> bool {
        Address::read(url).is_some_and(|address| self.deployment.aliases.contains(&address.authority))
    }

    /// The visit of a URL, with what gets through a protection, for hosts that Vercel itself named.
    pub(super) async fn visit(&mut self, url: String, whole: bool, fresh: bool) -> Visit {
        let mut trusted = named_hosts(&self.deployment);
        trusted.extend(self.project.production.iter().flat_map(|served| served.aliases.clone()));
        let is_trusted = Address::read(&url).is_some_and(|address| trusted.contains(&address.authority));
        let mut passes = Vec::new();
        if is_trusted {
            passes.extend(self.options.bypass.clone().map(|value| Pass {
                name: BYPASS.to_owned(),
                value,
                along: true,
            }));
            passes.extend(self.identity_token().await.map(|value| Pass {
                name: TRUSTED.to_owned(),
                value,
                along: false,
            }));
        }
        Visit { url, whole, trusted, passes, fresh }
    }

    /// GitHub's token for the audience of the settings.
    async fn identity_token(&mut self) -> Option<Secret> {
        let audience = self.options.audience.as_deref()?;
        let variables = oidc::VARIABLES.map(|name| self.work.environment.get(name).filter(|value| !value.is_empty()));
        let [Some(url), Some(request_token)] = variables else {
            let message = "`health-oidc-audience` needs the permission `id-token: write`, which this job does not have";
            if !self.warnings.iter().any(|(_, text)| text == message) {
                self.warnings.push((&codes::GATE_WEAK, message.to_owned()));
            }
            return None;
        };
        let client = Client::new(self.work.host, Rules::Common, self.work.host.now() + TimeDelta::seconds(30));
        let call = oidc::token(url, &Secret::new(request_token), audience);
        match github::read(client.send(&call).await) {
            Ok(value) => {
                let token =
                    value["value"].as_str().filter(|token| token.bytes().all(|byte| byte.is_ascii_graphic()))?;
                self.work.log.mask(token);
                Some(Secret::new(token))
            }
            Err(trouble) => {
                self.note(format!("GitHub gives no identity token: {trouble}"));
                None
            }
        }
    }
}

/// The hosts that Vercel named for a deployment.
fn named_hosts(deployment: &Deployment) -> Vec<String> {
    let hosts = deployment.aliases.iter().chain([&deployment.url]);
    hosts.filter(|host| !host.is_empty()).map(|host| host.to_ascii_lowercase()).collect()
}
