//! Domains whose hosts run the code of whoever signs up, or runs a command.
//!
//! Each is what a public suffix is: what differs is the name's owner, who has not asked for an entry in
//! the public suffix list. So names that the list has need no entry, and a test keeps them out.

/// Such a domain, and the page that says what is served there. Where names directly below it belong to
/// regions or products of its owner, and users have names below those, everything below counts.
struct CodeHost {
    name: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "for those who review the table"))]
    source: &'static str,
}

const fn at(name: &'static str, source: &'static str) -> CodeHost {
    CodeHost { name, source }
}

/// In the order of what they are for.
const CODE_HOSTS: &[CodeHost] = &[
    // Ports of development machines that are reached from outside.
    at(
        "github.dev",
        "https://docs.github.com/en/codespaces/developing-in-a-codespace/forwarding-ports-in-your-codespace",
    ),
    at("devtunnels.ms", "https://learn.microsoft.com/azure/developer/dev-tunnels/overview"),
    at("gitpod.io", "https://www.gitpod.io/docs/configure/workspaces/ports"),
    at("workspaces.gitlab.dev", "https://docs.gitlab.com/user/workspace/"),
    at("cloudshell.dev", "https://cloud.google.com/shell/docs/using-web-preview"),
    at("cloudworkstations.dev", "https://cloud.google.com/workstations/docs/develop-code-using-local-vscode-editor"),
    at("idx.dev", "https://firebase.google.com/docs/studio/preview-apps"),
    at("repl.it", "https://docs.replit.com/"),
    at("loca.lt", "https://theboroer.github.io/localtunnel-www/"),
    at("localtunnel.me", "https://github.com/localtunnel/localtunnel"),
    at("serveo.net", "https://serveo.net/"),
    at("serveousercontent.com", "https://serveo.net/"),
    at("lhr.life", "https://localhost.run/docs/forever-free/"),
    at("pinggy.link", "https://pinggy.io/docs/"),
    at("pinggy.io", "https://pinggy.io/docs/"),
    at("share.zrok.io", "https://docs.zrok.io/docs/concepts/sharing-public/"),
    at("bore.pub", "https://github.com/ekzhang/bore"),
    at("exp.direct", "https://docs.expo.dev/more/expo-cli/#tunneling"),
    at("modal.run", "https://modal.com/docs/guide/webhook-urls"),
    at("e2b.dev", "https://e2b.dev/docs/sandbox/internet-access"),
    at("gradio.live", "https://www.gradio.app/guides/sharing-your-app"),
    // Places to try code out.
    at("jsbin.com", "https://jsbin.com/help/"),
    at("codepen.io", "https://blog.codepen.io/2019/10/03/changed-domains-for-iframe-previews/"),
    at("cdpn.io", "https://blog.codepen.io/2019/10/03/changed-domains-for-iframe-previews/"),
    at("jsfiddle.net", "https://docs.jsfiddle.net/"),
    at("fiddle.jshell.net", "https://docs.jsfiddle.net/"),
    at("plnkr.co", "https://plnkr.co/"),
    at("glitch.me", "https://help.glitch.com/"),
    at("codesandbox.io", "https://codesandbox.io/docs/learn/devboxes/preview"),
    at("stackblitz.io", "https://developer.stackblitz.com/platform/api/javascript-sdk"),
    at("webcontainer.io", "https://webcontainers.io/guides/quickstart"),
    at("webcontainer-api.io", "https://webcontainers.io/guides/quickstart"),
    at("vscode-cdn.net", "https://code.visualstudio.com/docs/setup/network"),
    // Places to which people upload pages.
    at("neocities.org", "https://neocities.org/"),
    at("tiiny.site", "https://tiiny.host/"),
    at("githack.com", "https://raw.githack.com/"),
    at("mybinder.org", "https://mybinder.readthedocs.io/en/latest/about/about.html"),
    at(
        "cdn.ampproject.org",
        "https://amp.dev/documentation/guides-and-tutorials/learn/amp-caches-and-cors/amp-cors-requests",
    ),
    at("itch.zone", "https://itch.io/t/2025776/experimental-sharedarraybuffer-support"),
    at("chromatic.com", "https://www.chromatic.com/docs/publish/"),
    at("shopifypreview.com", "https://shopify.dev/docs/storefronts/themes/tools/cli"),
    at("googleusercontent.com", "https://developers.google.com/apps-script/guides/html/restrictions"),
];

/// The code host that `host` is, or is below. One trailing dot is ignored.
pub(crate) fn around(host: &str) -> Option<&'static str> {
    let host = host.strip_suffix('.').unwrap_or(host);
    names().find(|name| is_at_or_below(host, name))
}

/// Public suffixes below which one origin is shared: GitHub's pages by all repositories of their owner,
/// and a development server by all who may edit its code.
const SHARED: [&str; 2] = ["github.io", "replit.dev"];

/// The code host whose code runs on `host` itself.
pub(crate) fn of_host(host: &str) -> Option<&'static str> {
    let name = host.strip_suffix('.').unwrap_or(host);
    around(name).or_else(|| SHARED.into_iter().find(|suffix| is_at_or_below(name, suffix)))
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    CODE_HOSTS.iter().map(|code_host| code_host.name)
}

/// A code host below `base`.
pub(crate) fn below(base: &str) -> Option<&'static str> {
    let base = base.strip_suffix('.').unwrap_or(base);
    names().find(|name| *name != base && is_at_or_below(name, base))
}

fn is_at_or_below(host: &str, name: &str) -> bool {
    host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_there_once_and_has_a_source() {
        for (index, CodeHost { name, source }) in CODE_HOSTS.iter().enumerate() {
            assert!(source.starts_with("https://"), "{name}");
            let others = CODE_HOSTS.iter().enumerate().filter(|(other, _)| *other != index);
            let around = others.map(|(_, other)| other.name).find(|other| is_at_or_below(name, other));
            assert_eq!(around, None, "{name}");
        }
    }

    /// What the public suffix list has needs no entry here.
    #[cfg(feature = "suffix-list")]
    #[test]
    fn no_code_host_is_a_public_suffix() {
        use crate::config::suffix_list::is_public_suffix;
        for name in names() {
            assert!(!is_public_suffix(name), "{name} is in the public suffix list now: remove it here");
        }
        assert!(SHARED.into_iter().all(is_public_suffix));
    }

    #[cfg(feature = "suffix-list")]
    #[test]
    fn hosts_that_run_anybodys_code_are_here_or_in_the_public_suffix_list() {
        use crate::config::open_names::OpenName;
        for name in [
            "app.github.dev",
            "github.dev",
            "gitpod.io",
            "ws-eu.gitpod.io",
            "use.devtunnels.ms",
            "usw2.devtunnels.ms",
            "stackblitz.io",
            "webcontainer.io",
            "webcontainer-api.io",
            "local-credentialless.webcontainer-api.io",
            "codesandbox.io",
            "csb.app",
            "preview.csb.app",
            "codepen.io",
            "cdpn.io",
            "jsfiddle.net",
            "fiddle.jshell.net",
            "jshell.net",
            "glitch.me",
            "loca.lt",
            "chromatic.com",
            "itch.zone",
            "html.itch.zone",
            "googleusercontent.com",
            "cloudworkstations.dev",
            "vscode-cdn.net",
            "idx.dev",
            "cluster-a.cloudworkstations.dev",
            "shopifypreview.com",
            "replit.dev",
            "janeway.replit.dev",
            "repl.co",
            "ngrok-free.app",
            "trycloudflare.com",
            "github.io",
            "lovable.app",
            "bolt.host",
            "e2b.app",
            "claudeusercontent.com",
            "val.run",
        ] {
            assert!(OpenName::below(name).is_some(), "{name}");
            assert!(OpenName::below(&format!("{name}.")).is_some(), "{name}.");
        }
        for name in ["github.com", "example.com", "notcdpn.io", "microsoft.com", "chromatic.example.com"] {
            assert_eq!(OpenName::below(name), None, "{name}");
        }
    }
}
