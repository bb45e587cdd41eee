//! Names of versions that stand in the source are those that are built in.

/// The lock file says which release of the embedded list this build carries.
#[test]
fn the_public_suffix_list_is_the_one_that_is_locked() {
    let lock = include_str!("../../../Cargo.lock");
    let (name, version) = corsac::PUBLIC_SUFFIX_LIST.split_once(' ').unwrap();
    let locked = format!("name = \"{name}\"\nversion = \"{version}\"\n");
    assert!(lock.contains(&locked), "bring `PUBLIC_SUFFIX_LIST` up to date");
}
