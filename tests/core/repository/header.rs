//! The header is what the crate says, and each function's comment says all that it must.

use std::path::Path;

const HELP: &str = "run `CORSAC_WRITE_HEADER=1 cargo test -p corsac-tests --test test-core header` and commit it";

fn header() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ffi");
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let bindings = cbindgen::Builder::new().with_crate(&folder).with_config(config).generate().unwrap();
    let mut text = vec![];
    bindings.write(&mut text);
    typed_enums(&versioned(&String::from_utf8(text).unwrap()))
}

/// The release from Cargo.toml, in its places.
fn versioned(text: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let numbers = version.split(['-', '+']).next().unwrap();
    let parts: Vec<&str> = numbers.split('.').collect();
    let places = ["@MAJOR@", "@MINOR@", "@PATCH@"].into_iter().zip(parts).chain([("@VERSION@", version)]);
    places.fold(text.to_owned(), |text, (place, value)| {
        assert_eq!(text.matches(place).count(), 1, "{place}");
        text.replace(place, value)
    })
}

/// Enums by the macros of the header, where cbindgen has them typed in C++ alone.
fn typed_enums(text: &str) -> String {
    let mut parts = text.split("\nenum ");
    let mut typed = parts.next().unwrap().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("\n#ifdef __cplusplus\n  : uint32_t\n#endif // __cplusplus\n {").unwrap();
        let old = format!("#ifndef __cplusplus\ntypedef uint32_t {name};\n#endif // __cplusplus\n");
        assert_eq!(rest.matches(&old).count(), 1, "{name}");
        typed += &format!("\nCORSAC_ENUM({name}) {{{}", rest.replace(&old, &format!("CORSAC_ENUM_TYPE({name});\n")));
    }
    typed
}

#[test]
fn the_committed_header_is_what_the_crate_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/corsac.h");
    let written = header();
    if std::env::var_os("CORSAC_WRITE_HEADER").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == written, "`include/corsac.h` is stale: {HELP}");
}

/// Every function's comment has a summary, then `Returns`, `Memory` and `Thread safety`, in this
/// order, the last of one of few wordings.
#[test]
fn each_function_says_what_it_returns_and_who_frees_what() {
    let header = header();
    let mut functions = 0;
    let mut before = 0;
    while let Some(found) = header[before..].find("\nCORSAC_API") {
        let at = before + found;
        let declaration = &header[at..at + header[at..].find(';').unwrap()];
        let comment = &header[before..at][header[before..at].rfind("/**").expect(declaration)..];
        let places: Vec<_> =
            ["/**\n * ", "* Returns: ", "* Memory: ", "* Thread safety: "].map(|part| comment.find(part)).to_vec();
        assert!(places.iter().all(Option::is_some), "{declaration}: {comment}");
        assert!(places.is_sorted(), "out of order: {declaration}");
        let threads = comment.split("Thread safety: ").nth(1).unwrap();
        assert!(
            ["any thread, concurrently", "any thread, while no other thread uses", "one thread at a time per reader."]
                .iter()
                .any(|wording| threads.starts_with(wording)),
            "{declaration}: {threads}"
        );
        functions += 1;
        before = at + declaration.len();
    }
    assert!(functions >= 30, "{functions} functions: the search is out of date");
}
