//! Documents that are rewritten in place: at once, in pieces, half, or not really.

use std::fs::{self, File};
use std::io::Write;
use std::time::{Duration, Instant, SystemTime};

use corsac_tests::live::{By, Live, Scenario, document, play};

const SCENARIOS: &[Scenario] = &[
    ("rewritten", rewritten),
    ("rewritten with the same size and time", rewritten_with_the_same_size_and_time),
    ("touched", touched),
    ("half written, then completed", half_written_then_completed),
    ("half written, then put back", half_written_then_put_back),
    ("refused again and again", refused_again_and_again),
    ("emptied", emptied),
    ("written in the future", written_in_the_future),
    ("truncated, then written after a pause", truncated_then_written_after_a_pause),
    ("appended in pieces", appended_in_pieces),
];

#[test]
fn by_polling() {
    play(By::Poll, SCENARIOS);
}

#[test]
fn by_watching() {
    play(By::Watch, SCENARIOS);
}

fn write(live: &Live, text: impl AsRef<[u8]>) {
    fs::write(live.scratch.document(), text).unwrap();
}

fn set_modified(live: &Live, modified: SystemTime) {
    File::options().write(true).open(live.scratch.document()).unwrap().set_modified(modified).unwrap();
}

fn rewritten(by: By) {
    let mut live = Live::plain(by);
    write(&live, document("abc", &[]));
    live.becomes("abc");
    write(&live, document("d", &[]));
    live.becomes("d");
    live.rests();
    write(&live, document("d", &[]));
    live.stays();
    live.ends();
}

fn rewritten_with_the_same_size_and_time(by: By) {
    let mut live = Live::plain(by);
    let modified = fs::metadata(live.scratch.document()).unwrap().modified().unwrap();
    let mut file = File::options().write(true).open(live.scratch.document()).unwrap();
    file.write_all(document("b", &[]).as_bytes()).unwrap();
    file.set_modified(modified).unwrap();
    live.becomes("b");
    live.ends();
}

fn touched(by: By) {
    let mut live = Live::plain(by);
    for _ in 0..2 {
        set_modified(&live, SystemTime::now());
        live.stays();
    }
    set_modified(&live, SystemTime::UNIX_EPOCH);
    live.stays();
    live.ends();
}

fn half_written_then_completed(by: By) {
    let mut live = Live::plain(by);
    let whole = document("bcd", &[]);
    let (half, rest) = whole.split_at(whole.len() - 10);
    write(&live, half);
    live.is_refused("document/syntax");
    live.rests();
    File::options().append(true).open(live.scratch.document()).unwrap().write_all(rest.as_bytes()).unwrap();
    live.becomes("bcd");
    live.ends();
}

fn half_written_then_put_back(by: By) {
    let mut live = Live::plain(by);
    let whole = document("a", &[]);
    write(&live, &whole[..whole.len() / 2]);
    live.is_refused("document/syntax");
    write(&live, &whole);
    live.is_recovered();
    live.ends();
}

/// What was refused is tried again when it changes, and only then.
fn refused_again_and_again(by: By) {
    let mut live = Live::plain(by);
    let bad = "version = 1\n[policy.p]\nallow_origins = [\"a\"]\n";
    write(&live, bad);
    live.is_refused("origin/scheme-missing");
    live.rests();
    set_modified(&live, SystemTime::now());
    live.stays();
    write(&live, bad);
    live.stays();
    write(&live, bad.replace("\"a\"", "\"b\""));
    live.is_refused("origin/scheme-missing");
    write(&live, document("b", &[]));
    live.becomes("b");
    live.ends();
}

fn emptied(by: By) {
    let mut live = Live::plain(by);
    File::create(live.scratch.document()).unwrap();
    live.is_refused("document/version");
    write(&live, [0xff; 100]);
    live.is_refused("document/not-utf8");
    write(&live, document("a", &[]));
    live.is_recovered();
    live.ends();
}

/// A time that never comes keeps nothing from being read, and does not have it read for ever.
fn written_in_the_future(by: By) {
    let mut live = Live::plain(by);
    let future = SystemTime::now() + Duration::from_secs(365 * 24 * 3600);
    write(&live, document("b", &[]));
    set_modified(&live, future);
    live.becomes("b");
    live.rests();
    write(&live, document("c", &[]));
    set_modified(&live, future);
    live.becomes("c");
    live.ends();
}

/// For how long a file is being written: far longer than it must be left alone to be read.
const WRITING: Duration = Duration::from_millis(450);

/// A pause after which a file may be read; a little less, for clocks that tick.
const PAUSE: Duration = Duration::from_millis(75);

/// Writes again and again, looking in between; false if this was held up for so long that the file
/// had a right to be read.
fn keeps_writing(live: &mut Live, mut write: impl FnMut(&Live)) -> bool {
    let (started, mut writes) = (Instant::now(), 0);
    while started.elapsed() < WRITING {
        let written = Instant::now();
        write(live);
        writes += 1;
        while written.elapsed() < Duration::from_millis(10) {
            if written.elapsed() > PAUSE {
                return false;
            }
            live.look();
            std::thread::sleep(Duration::from_millis(2));
        }
        if written.elapsed() > PAUSE {
            return false;
        }
    }
    assert!(writes > 3);
    true
}

/// Plays it with a new document each time that the writer was held up.
fn in_time(by: By, play: impl Fn(&mut Live) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        let mut live = Live::plain(by);
        if play(&mut live) {
            return live.ends();
        }
    }
    panic!("the writer was held up again and again");
}

fn grant(letter: &str) -> String {
    format!("[[policy.p.grant]]\nallow_origins = [\"https://{letter}.example\"]\n")
}

/// The first half is valid, and allows less than is meant.
fn truncated_then_written_after_a_pause(by: By) {
    let half = document("f", &[]);
    let whole = format!("{half}{}", grant("b"));
    in_time(by, |live| {
        let in_time = keeps_writing(live, |live| write(live, &half));
        if in_time {
            write(live, &whole);
            live.becomes("fb");
        }
        in_time
    });
}

/// Every beginning is valid, and allows less than is meant.
fn appended_in_pieces(by: By) {
    in_time(by, |live| {
        write(live, document("f", &[]));
        let mut letters = ["b", "c"].iter();
        let in_time = keeps_writing(live, |live| {
            let piece = letters.next().map_or_else(|| "# and so on\n".to_owned(), |letter| grant(letter));
            let mut file = File::options().append(true).open(live.scratch.document()).unwrap();
            file.write_all(piece.as_bytes()).unwrap();
        });
        if in_time {
            live.becomes("fbc");
        }
        in_time
    });
}
