//! A naive judge of `Access-Control-Request-Method` and `Access-Control-Request-Headers`: lines are
//! split at their commas and every element is looked at whole.

/// What a check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    Malformed,
    OverBudget,
    NotAllowed,
}

/// The rights of one grant, and how its preflights are answered.
#[derive(Clone, Debug, Default)]
pub struct Rights {
    /// As the document writes them; `["*"]` is any, `None` is no list at all.
    pub methods: Option<Vec<String>>,
    /// As the document writes them; `["*"]` and `["*", "authorization"]` are any.
    pub headers: Vec<String>,
    pub credentials: bool,
    /// `preflight_answer = "requested"`.
    pub requested: bool,
}

/// The reason that a preflight with an allowed origin has, by the order of the checks.
pub fn reason(method: Verdict, headers: Verdict) -> &'static str {
    match (method, headers) {
        (Verdict::Malformed | Verdict::OverBudget, _) => "method-malformed",
        (Verdict::NotAllowed, _) => "method-not-allowed",
        (Verdict::Passed, Verdict::Malformed) => "headers-malformed",
        (Verdict::Passed, Verdict::OverBudget) => "headers-over-budget",
        (Verdict::Passed, Verdict::NotAllowed) => "header-not-allowed",
        (Verdict::Passed, Verdict::Passed) => "ok",
    }
}

const FORBIDDEN: [&str; 3] = ["CONNECT", "TRACE", "TRACK"];
/// RFC 9110, 5.6.2.
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

fn has(list: &[String], name: &str) -> bool {
    list.iter().any(|listed| listed == name)
}

impl Rights {
    /// A document with one policy of these rights, for `https://a.example`.
    pub fn to_toml(&self) -> String {
        let answer = if self.requested { "requested" } else { "list" };
        format!(
            "version = 1\n[policy.p]\nallow_origins = [\"https://a.example\"]\n{}allow_headers = {:?}\n\
             allow_credentials = {}\npreflight_answer = \"{answer}\"\n",
            self.methods.as_ref().map_or(String::new(), |methods| format!("allow_methods = {methods:?}\n")),
            self.headers,
            self.credentials
        )
    }

    /// Judges the lines of `Access-Control-Request-Method`.
    pub fn judge_method(&self, lines: &[&[u8]]) -> Verdict {
        let [method] = lines else { return Verdict::Malformed };
        if !is_token(method) || method.len() > 64 {
            return Verdict::Malformed;
        }
        let method = std::str::from_utf8(method).unwrap();
        if FORBIDDEN.contains(&method.to_ascii_uppercase().as_str()) {
            return Verdict::NotAllowed;
        }
        let allowed = match &self.methods {
            None => method == "POST",
            Some(listed) if has(listed, "*") => method != "*",
            Some(listed) => has(listed, method),
        };
        if allowed || method == "GET" || method == "HEAD" { Verdict::Passed } else { Verdict::NotAllowed }
    }

    /// The methods as an answer lists them, where it lists all.
    pub fn listed_methods(&self) -> String {
        match &self.methods {
            None => "GET, HEAD, POST".into(),
            Some(listed) if listed.is_empty() => "GET, HEAD".into(),
            Some(listed) => listed.join(", "),
        }
    }

    /// Whether the names are answered as the request wrote them.
    pub fn echoes_headers(&self) -> bool {
        self.requested || (self.credentials && has(&self.headers, "*"))
    }

    /// Whether the method is answered as the request wrote it.
    pub fn echoes_method(&self) -> bool {
        self.requested || (self.credentials && self.methods.as_ref().is_some_and(|methods| has(methods, "*")))
    }

    /// Judges the lines of `Access-Control-Request-Headers`, left to right up to the first problem.
    /// An element is judged whole, its name too, before it is counted.
    pub fn judge_headers(&self, lines: &[&[u8]]) -> Verdict {
        let any = has(&self.headers, "*");
        let bytes: usize = lines.iter().map(|line| line.len()).sum();
        if (any || self.echoes_headers()) && (lines.len() > 4 || bytes > 8192) {
            return Verdict::OverBudget;
        }
        let budget = if any { 16 } else { self.headers.len() + 16 };
        let mut counted = 0;
        for (index, line) in lines.iter().enumerate() {
            if !any && index >= budget {
                return Verdict::OverBudget;
            }
            for element in line.split(|byte| *byte == b',') {
                let verdict = self.judge_syntax(element);
                if verdict != Verdict::Passed {
                    return verdict;
                }
                let name = element.trim_ascii();
                if !name.is_empty() && !self.allows(name) {
                    return Verdict::NotAllowed;
                }
                counted += usize::from(!any || name.is_empty());
                if counted > budget {
                    return Verdict::OverBudget;
                }
            }
        }
        Verdict::Passed
    }

    /// What an element is before its name is looked up: white space, bytes, length.
    fn judge_syntax(&self, element: &[u8]) -> Verdict {
        let is_space = |byte: &u8| *byte == b' ' || *byte == b'\t';
        let longest = self.headers.iter().map(String::len).max().unwrap_or(0);
        let longest = if has(&self.headers, "*") { 8192 } else { longest };
        let name: Vec<u8> =
            element.iter().copied().skip_while(is_space).take_while(|byte| is_token(&[*byte])).collect();
        let before: Vec<u8> = element.iter().copied().take_while(is_space).collect();
        let rest = &element[before.len() + name.len()..];
        let after: Vec<u8> = rest.iter().copied().take_while(is_space).collect();
        let no_tab = |space: &[u8]| !(self.echoes_headers() && space.iter().take(3).any(|byte| *byte == b'\t'));
        if !no_tab(&before) {
            return Verdict::Malformed;
        }
        if before.len() > 2 {
            return Verdict::OverBudget;
        }
        if name.len() > longest {
            return Verdict::NotAllowed;
        }
        if !no_tab(&after) {
            return Verdict::Malformed;
        }
        if after.len() > 2 {
            return Verdict::OverBudget;
        }
        if rest.len() > after.len() { Verdict::Malformed } else { Verdict::Passed }
    }

    fn allows(&self, name: &[u8]) -> bool {
        let name = String::from_utf8(name.to_ascii_lowercase()).unwrap();
        let listed = self.headers.iter().any(|listed| listed.to_ascii_lowercase() == name && name != "*");
        listed || (has(&self.headers, "*") && name != "*" && name != "authorization")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(headers: &[&str]) -> Rights {
        Rights { headers: headers.iter().map(|name| (*name).into()).collect(), ..Rights::default() }
    }

    #[test]
    fn methods_are_judged() {
        let methods = |names: &[&str]| Some(names.iter().map(|name| (*name).into()).collect());
        let unset = Rights::default();
        let list = Rights { methods: methods(&["PUT"]), ..Rights::default() };
        let any = Rights { methods: methods(&["*"]), ..Rights::default() };
        for (method, by_unset, by_list, by_any) in [
            ("PUT", Verdict::NotAllowed, Verdict::Passed, Verdict::Passed),
            ("put", Verdict::NotAllowed, Verdict::NotAllowed, Verdict::Passed),
            ("GET", Verdict::Passed, Verdict::Passed, Verdict::Passed),
            ("get", Verdict::NotAllowed, Verdict::NotAllowed, Verdict::Passed),
            ("POST", Verdict::Passed, Verdict::NotAllowed, Verdict::Passed),
            ("*", Verdict::NotAllowed, Verdict::NotAllowed, Verdict::NotAllowed),
            ("tRaCe", Verdict::NotAllowed, Verdict::NotAllowed, Verdict::NotAllowed),
            ("GE T", Verdict::Malformed, Verdict::Malformed, Verdict::Malformed),
            ("", Verdict::Malformed, Verdict::Malformed, Verdict::Malformed),
        ] {
            assert_eq!(unset.judge_method(&[method.as_bytes()]), by_unset, "{method}");
            assert_eq!(list.judge_method(&[method.as_bytes()]), by_list, "{method}");
            assert_eq!(any.judge_method(&[method.as_bytes()]), by_any, "{method}");
        }
        assert_eq!(any.judge_method(&[b"PUT", b"PUT"]), Verdict::Malformed);
    }

    #[test]
    fn headers_are_judged() {
        for (headers, line, expected) in [
            (&["x-a", "x-bc"][..], "x-a,x-bc", Verdict::Passed),
            (&["x-a", "x-bc"], "X-BC  ,\t x-A,,", Verdict::Passed),
            (&["x-a"], "x-a   ", Verdict::OverBudget),
            (&["x-a"], "   ,x-a", Verdict::OverBudget),
            (&["x-a"], "x-b", Verdict::NotAllowed),
            (&["x-a"], "x-ab/", Verdict::NotAllowed),
            (&["x-a"], "x-b/", Verdict::Malformed),
            (&["x-a"], "x-a x-a", Verdict::Malformed),
            (&[], "x", Verdict::NotAllowed),
            (&[], "/", Verdict::Malformed),
            (&["*"], "anything", Verdict::Passed),
            (&["*"], "Authorization", Verdict::NotAllowed),
            (&["*", "authorization"], "Authorization,b", Verdict::Passed),
            (&["*"], "*", Verdict::NotAllowed),
        ] {
            assert_eq!(rights(headers).judge_headers(&[line.as_bytes()]), expected, "{line}");
        }
        assert_eq!(rights(&["x-a"]).judge_headers(&[",".repeat(16).as_bytes()]), Verdict::Passed);
        assert_eq!(rights(&["x-a"]).judge_headers(&[",".repeat(17).as_bytes()]), Verdict::OverBudget);
        assert_eq!(rights(&["*"]).judge_headers(&[",".repeat(15).as_bytes()]), Verdict::Passed);
        assert_eq!(rights(&["*"]).judge_headers(&[",".repeat(16).as_bytes()]), Verdict::OverBudget);
        assert_eq!(rights(&["*"]).judge_headers(&[b"a".as_slice(); 5]), Verdict::OverBudget);
    }
}
