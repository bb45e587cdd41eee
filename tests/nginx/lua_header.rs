//! What the Lua adapter declares, held to `corsac.h`.

use std::path::Path;
use std::process::Command;

use corsac_tests::binary::bounded;
use corsac_tests::native::root;
use corsac_tests::scratch::Scratch;

/// Sizes and offsets of everything that a text of declarations has, as the first argument; which structs
/// and fields is told by the second.
const LAYOUT: &str = r#"
local ffi = require "ffi"
local function read(name) local file = assert(io.open(name)) local text = file:read "*a" file:close() return text end
ffi.cdef(read(arg[1]))
for name, body in read(arg[2]):gmatch "typedef struct [%w_]+ (%b{}) ([%w_]+);" do name, body = body, name
  print(name, ffi.sizeof(name))
  for field in body:gmatch "([%w_]+);" do print(name, field, ffi.offsetof(name, field)) end
end
"#;

/// `corsac/header.lua`.
fn declared() -> String {
    std::fs::read_to_string(root().join("adapters/lua/corsac/header.lua")).unwrap()
}

/// The whole adapter.
fn adapter() -> String {
    let folder = root().join("adapters/lua");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder.join("corsac")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.push(folder.join("corsac.lua"));
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// The text between `ffi.cdef [[` and `]]`.
fn declarations() -> String {
    let text = declared();
    text.split("ffi.cdef [[").nth(1).unwrap().split("]]").next().unwrap().to_owned()
}

/// The header as LuaJIT reads it.
fn header(scratch: &Scratch) -> String {
    for standard in ["stdbool.h", "stddef.h", "stdint.h"] {
        scratch.write(standard, "");
    }
    let mut command = Command::new("gcc");
    command.args(["-E", "-P", "-nostdinc", "-U__GNUC__", "-DCORSAC_NO_INLINE", "-I"]).arg(scratch.folder());
    command.arg(root().join("include/corsac.h"));
    let ended = bounded(command, None, 60);
    assert!(ended.status.success(), "{}", ended.said());
    String::from_utf8(ended.stdout).unwrap()
}

fn layout(declared: &Path, named: &Path) -> String {
    let script = Scratch::with("layout.lua", LAYOUT);
    let mut command = Command::new("luajit");
    command.arg(script.document()).args([declared, named]);
    let ended = bounded(command, None, 60);
    assert!(ended.status.success(), "{}", ended.said());
    String::from_utf8(ended.stdout).unwrap()
}

#[test]
fn l_structs_are_those_of_the_header() {
    let scratch = Scratch::without("policy.toml");
    let (header, ours) = (scratch.write("header", header(&scratch)), scratch.write("ours", declarations()));
    let (expected, found) = (layout(&header, &ours), layout(&ours, &ours));
    assert_eq!(found, expected);
    // Seven structs, and forty fields.
    assert!(found.lines().count() >= 40, "{found}");
}

/// A function that is declared twice in different ways does not compile.
#[test]
fn l_functions_are_those_of_the_header() {
    let mut functions = String::from("#include <corsac.h>\n");
    let mut is_in_struct = false;
    for line in declarations().lines() {
        is_in_struct |= line.starts_with("typedef struct") && line.ends_with('{');
        if !is_in_struct && !line.starts_with("typedef") {
            functions += line;
            functions += "\n";
        }
        is_in_struct &= !line.starts_with('}');
    }
    assert!(functions.matches("corsac_").count() > 60, "{functions}");
    let compiles = |text: &str| {
        let source = Scratch::with("functions.c", text);
        let mut command = Command::new("gcc");
        command.args(["-std=c11", "-Werror", "-Wpedantic", "-fsyntax-only", "-I"]).arg(root().join("include"));
        command.arg(source.document());
        let ended = bounded(command, None, 60);
        (ended.status.success(), ended.said())
    };
    let (accepted, said) = compiles(&functions);
    assert!(accepted, "{said}");
    assert!(!compiles(&functions.replacen("corsac_policy policy", "int64_t policy", 1)).0);
    // And every one that is called is declared.
    let mut used = 0;
    for called in adapter().split(".corsac_").skip(1) {
        let name: String = called.chars().take_while(|char| char.is_ascii_alphanumeric() || *char == '_').collect();
        used += usize::from(functions.contains(&format!("corsac_{name}(")));
        let is_variable = ["policy", "verdict", "reason", "rule", "generation", "asked"].contains(&name.as_str());
        assert!(is_variable || functions.contains(&format!("corsac_{name}(")), "`{name}` is not declared");
    }
    assert!(used > 30, "only {used} calls are found");
}

#[test]
fn l_numbers_are_those_of_the_header() {
    let header = std::fs::read_to_string(root().join("include/corsac.h")).unwrap();
    let of_header = |name: &str| {
        let line = header.lines().map(str::trim).find_map(|line| {
            line.strip_prefix(&format!("#define CORSAC_{name} "))
                .or_else(|| line.strip_prefix(&format!("CORSAC_{name} = ")))
        });
        line.unwrap_or_else(|| panic!("no CORSAC_{name}"))
            .trim_end_matches(',')
            .replace("UINT64_MAX", "0xffffffffffffffffULL")
    };
    let mut compared = 0;
    for line in declared().split("return {").nth(1).unwrap().lines() {
        let Some((name, value)) = line.trim().trim_end_matches(',').split_once(" = ") else { continue };
        assert_eq!(value, of_header(name), "{name}");
        compared += 1;
    }
    assert_eq!(compared, 10);
}
