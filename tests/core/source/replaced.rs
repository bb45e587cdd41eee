//! Files that are replaced as a whole: by a rename, by a link that leads elsewhere, by being deleted
//! and written anew.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use corsac_tests::live::{By, Live, Scenario, document, list, play};
use corsac_tests::scratch::Scratch;

const SCENARIOS: &[Scenario] = &[
    ("an editor renames into place", an_editor_renames_into_place),
    ("a backup of the same size and time", a_backup_of_the_same_size_and_time),
    ("deleted, and restored as it was", deleted_and_restored_as_it_was),
    ("deleted, and restored with other content", deleted_and_restored_with_other_content),
    ("a directory in its place", a_directory_in_its_place),
    ("a directory is renamed away and back", a_directory_is_renamed_away_and_back),
    ("a directory is replaced by another", a_directory_is_replaced_by_another),
    ("Kubernetes swaps a volume", kubernetes_swaps_a_volume),
    ("a link is made to lead elsewhere", a_link_is_made_to_lead_elsewhere),
    ("a link leads to what a link leads to", a_link_leads_to_what_a_link_leads_to),
];

#[test]
fn by_polling() {
    play(By::Poll, SCENARIOS);
}

#[test]
fn by_watching() {
    play(By::Watch, SCENARIOS);
}

fn rename_into_place(live: &Live, text: &str) {
    let draft = live.scratch.write(".policy.toml.swp", text);
    fs::rename(draft, live.scratch.document()).unwrap();
}

/// A link that takes the place of another at once.
fn relink(target: impl AsRef<Path>, link: &Path) {
    let draft = link.with_extension("new");
    symlink(target, &draft).unwrap();
    fs::rename(draft, link).unwrap();
}

fn an_editor_renames_into_place(by: By) {
    let mut live = Live::plain(by);
    rename_into_place(&live, &document("abc", &[]));
    live.becomes("abc");
    rename_into_place(&live, &document("abd", &[]));
    live.becomes("abd");
    rename_into_place(&live, &document("abd", &[]));
    live.stays();
    rename_into_place(&live, &document("e", &[]).replace("version = 1", "version = 2"));
    live.is_refused("document/version");
    rename_into_place(&live, &document("e", &[]));
    live.becomes("e");
    live.ends();
}

fn a_backup_of_the_same_size_and_time(by: By) {
    let mut live = Live::plain(by);
    let backup = live.scratch.write("backup", document("b", &[]));
    let times = fs::metadata(live.scratch.document()).unwrap();
    fs::File::options().write(true).open(&backup).unwrap().set_modified(times.modified().unwrap()).unwrap();
    fs::rename(backup, live.scratch.document()).unwrap();
    live.becomes("b");
    live.ends();
}

fn deleted_and_restored_as_it_was(by: By) {
    let mut live = Live::plain(by);
    fs::remove_file(live.scratch.document()).unwrap();
    live.is_refused("document/unreadable");
    live.rests();
    fs::write(live.scratch.document(), document("a", &[])).unwrap();
    live.is_recovered();
    live.ends();
}

fn deleted_and_restored_with_other_content(by: By) {
    let mut live = Live::plain(by);
    fs::remove_file(live.scratch.document()).unwrap();
    live.is_refused("document/unreadable");
    fs::write(live.scratch.document(), document("b", &[])).unwrap();
    live.becomes("b");
    live.ends();
}

fn a_directory_in_its_place(by: By) {
    let mut live = Live::plain(by);
    let away = live.scratch.folder().join("away");
    fs::rename(live.scratch.document(), &away).unwrap();
    live.is_refused("document/unreadable");
    fs::create_dir(live.scratch.document()).unwrap();
    live.is_refused("document/unreadable");
    fs::remove_dir(live.scratch.document()).unwrap();
    live.is_refused("document/unreadable");
    fs::rename(&away, live.scratch.document()).unwrap();
    live.is_recovered();
    live.ends();
}

/// A document in a folder of its own, which allows `a` and has a list that allows `b`.
fn nested(by: By) -> Live {
    let scratch = Scratch::without("policy.toml");
    let folder = scratch.folder().join("etc/corsac");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("policy.toml"), document("a", &["list.txt"])).unwrap();
    fs::write(folder.join("list.txt"), list("b")).unwrap();
    Live::open(by, scratch, &folder.join("policy.toml"), "ab")
}

fn a_directory_is_renamed_away_and_back(by: By) {
    let mut live = nested(by);
    let (etc, away) = (live.scratch.folder().join("etc"), live.scratch.folder().join("away"));
    for _ in 0..2 {
        fs::rename(&etc, &away).unwrap();
        live.is_refused("document/unreadable");
        fs::rename(&away, &etc).unwrap();
        live.is_recovered();
    }
    fs::write(etc.join("corsac/list.txt"), list("c")).unwrap();
    live.becomes("ac");
    live.ends();
}

fn a_directory_is_replaced_by_another(by: By) {
    let mut live = nested(by);
    let (etc, away) = (live.scratch.folder().join("etc"), live.scratch.folder().join("away"));
    fs::rename(&etc, &away).unwrap();
    live.is_refused("document/unreadable");
    let draft = live.scratch.folder().join("draft");
    fs::create_dir_all(draft.join("corsac")).unwrap();
    fs::write(draft.join("corsac/policy.toml"), document("c", &["list.txt"])).unwrap();
    fs::write(draft.join("corsac/list.txt"), list("d")).unwrap();
    fs::rename(&draft, &etc).unwrap();
    live.becomes("cd");
    live.rests();
    fs::write(away.join("corsac/policy.toml"), document("f", &[])).unwrap();
    assert!(!live.source.changed(), "the directory that was moved away is nobody's");
    fs::write(etc.join("corsac/policy.toml"), document("e", &["list.txt"])).unwrap();
    live.becomes("de");
    live.ends();
}

/// As the kubelet projects a config map: each file is a link through `..data`, which a rename makes
/// lead to the new version of all files at once.
fn kubernetes_swaps_a_volume(by: By) {
    let scratch = Scratch::without("policy.toml");
    let volume = scratch.folder().to_owned();
    let write_version = |version: &str, own: &str, listed: &str| {
        fs::create_dir(volume.join(version)).unwrap();
        fs::write(volume.join(version).join("policy.toml"), document(own, &["list.txt"])).unwrap();
        fs::write(volume.join(version).join("list.txt"), list(listed)).unwrap();
    };
    write_version("..2026_1", "a", "b");
    symlink("..2026_1", volume.join("..data")).unwrap();
    symlink("..data/policy.toml", volume.join("policy.toml")).unwrap();
    symlink("..data/list.txt", volume.join("list.txt")).unwrap();
    let mut live = Live::open(by, scratch, &volume.join("policy.toml"), "ab");
    let versions = [("..2026_2", "c", "d"), ("..2026_3", "c", "e"), ("..2026_4", "f", "e")];
    let mut old = "..2026_1";
    for (version, own, listed) in versions {
        write_version(version, own, listed);
        symlink(version, volume.join("..data_tmp")).unwrap();
        fs::rename(volume.join("..data_tmp"), volume.join("..data")).unwrap();
        fs::remove_dir_all(volume.join(old)).unwrap();
        live.becomes(&format!("{own}{listed}"));
        old = version;
    }
    live.ends();
}

fn a_link_is_made_to_lead_elsewhere(by: By) {
    let scratch = Scratch::without("policy.toml");
    for (name, origins) in [("one.toml", "a"), ("two.toml", "b"), ("same.toml", "b")] {
        scratch.write(name, document(origins, &[]));
    }
    symlink("one.toml", scratch.document()).unwrap();
    let link = scratch.document().to_owned();
    let mut live = Live::open(by, scratch, &link, "a");
    relink("two.toml", &link);
    live.becomes("b");
    live.rests();
    relink("same.toml", &link);
    live.stays();
    relink("nothing.toml", &link);
    live.is_refused("document/unreadable");
    live.scratch.write("nothing.toml", document("c", &[]));
    live.becomes("c");
    live.ends();
}

/// The file, and each link on the way to it, can change in a directory of its own.
fn a_link_leads_to_what_a_link_leads_to(by: By) {
    let scratch = Scratch::without("policy.toml");
    let folder = scratch.folder().to_owned();
    for name in ["first", "second", "third"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    fs::write(folder.join("third/policy.toml"), document("a", &[])).unwrap();
    symlink("../third/policy.toml", folder.join("second/policy.toml")).unwrap();
    symlink(folder.join("second/policy.toml"), folder.join("first/policy.toml")).unwrap();
    let mut live = Live::open(by, scratch, &folder.join("first/policy.toml"), "a");
    fs::write(folder.join("third/policy.toml"), document("b", &[])).unwrap();
    live.becomes("b");
    fs::write(folder.join("third/other.toml"), document("c", &[])).unwrap();
    relink("../third/other.toml", &folder.join("second/policy.toml"));
    live.becomes("c");
    relink("../third/policy.toml", &folder.join("first/policy.toml"));
    live.becomes("b");
    live.ends();
}
