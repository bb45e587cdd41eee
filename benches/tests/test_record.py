"""A record is made from its `raw.json` alone, and the repository shows the newest one.

`CORSAC_WRITE_PAGE=1` writes the page of the fixed record in `tests/record`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "report"))

import record  # noqa: E402
from bounds import Rules, holds, like, number  # noqa: E402
from page import headline  # noqa: E402
from plot import plots  # noqa: E402

FIXED = HERE / "record"


class Record(unittest.TestCase):
    def setUp(self) -> None:
        self.raw, self.rules = record.read_raw(FIXED), Rules.read(FIXED)

    def test_a_page_is_made_from_its_record(self) -> None:
        page = record.files(self.raw, self.rules)["README.md"]
        if os.environ.get("CORSAC_WRITE_PAGE"):
            (FIXED / "page.md").write_text(page)
        self.assertEqual(page, (FIXED / "page.md").read_text())
        self.assertEqual(self.rules.uncaused, [])

    def test_plots_have_a_line_for_each_contestant_that_decides(self) -> None:
        drawn = {file: svg for file, _, svg in plots(self.raw)}
        self.assertEqual(list(drawn), ["sizes.svg", "hostile.svg"])
        for name in ("decide", "floor: hash probe", "tower: corsac", "rs/cors"):
            self.assertIn(f">{name}<", drawn["sizes.svg"])
        self.assertNotIn("bare", drawn["sizes.svg"])

    def test_a_loss_without_a_cause_is_an_error_after_everything_is_written(self) -> None:
        self.rules.causes.clear()
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(record.Failure, "4 losses have no cause") as caught:
                record.write_record(Path(folder), self.raw, self.rules)
            for case in (
                "preflight with 20 requested names",
                "something that nobody measures",
                "actual, diverse 1, allowed: rs/cors",
                "readers: two threads over one",
            ):
                self.assertIn(f"\n  {case}", str(caught.exception))
            self.assertIn("no cause is known", (Path(folder) / "README.md").read_text())
            self.assertTrue((Path(folder) / "sizes.svg").exists())

    def test_a_record_can_be_read_again(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            record.write_raw(Path(folder), self.raw)
            self.assertEqual(record.read_raw(Path(folder)), self.raw)

    def test_the_headline_starts_with_one_origin_and_shows_losses(self) -> None:
        lines = headline(self.raw, self.rules, "sizes.svg").splitlines()
        rows = [line for line in lines if line.startswith("| ") and "`" not in line]
        self.assertEqual(rows[0], "| 1 origin: origin allowed | 9.00 | 8.00 | 150 | 2.67 | **0.93** |")
        self.assertIn("| 1,000 origins: origin allowed | 20.0 | 16.0 | 200 | 4.00 | 4.50 |", rows)
        self.assertIn("| 1,000 origins: preflight, 20 headers | 300 | - | 500 | wrong | - |", rows)
        self.assertIn("![CPU time by the length of the list](benches/record/2026-01-02/sizes.svg)", lines)
        self.assertTrue(any("At least one peer is faster in 1 of 5 scenarios" in line for line in lines), lines)

    def test_a_page_needs_both_markers(self) -> None:
        page = f"before\n{record.BEGIN}old\n{record.END}after\n"
        self.assertEqual(record.insert(page, "new\n"), page.replace("old", "new"))
        for broken in ("none", page.replace(record.END, ""), page.replace(record.BEGIN, "")):
            with self.assertRaisesRegex(record.Failure, "lacks the lines"):
                record.insert(broken, "new\n")

    def test_the_repository_shows_its_newest_record(self) -> None:
        record.check(Rules.read(record.BENCHES))


class Numbers(unittest.TestCase):
    def test_three_digits_are_shown(self) -> None:
        for value, shown in [(0.0, "0.00"), (1.504, "1.50"), (12.34, "12.3"), (99.96, "100"), (1234.5, "1,234")]:
            self.assertEqual(number(value), shown)

    def test_only_a_star_is_special_in_a_pattern(self) -> None:
        for pattern, name in [("a*c", "abbc"), ("*", ""), ("a*b*", "a-b-"), ("a[b]?", "a[b]?")]:
            self.assertTrue(like(pattern, name), pattern)
        for pattern, name in [("a*c", "abd"), ("x", "xy"), ("a*", "ba"), ("a?", "ab")]:
            self.assertFalse(like(pattern, name), pattern)

    def test_the_first_number_after_the_sign_is_the_limit(self) -> None:
        for bound, within, beyond in [("≤ 1.5 × the floor", 1.5, 1.51), ("≤ + 8 ns", 8.0, 8.1), ("≥ 1,500,000", 1.5e6, 1.4e6)]:
            self.assertTrue(holds(bound, within))
            self.assertFalse(holds(bound, beyond))
        with self.assertRaisesRegex(ValueError, "write one such as"):
            holds("fast", 1.0)


if __name__ == "__main__":
    unittest.main()
