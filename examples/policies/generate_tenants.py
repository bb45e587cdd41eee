#!/usr/bin/env python3
"""Write tenants.txt, the 10,000 made-up tenant origins of saas.toml.

    python3 generate_tenants.py            write tenants.txt
    python3 generate_tenants.py --check    write nothing; exit 1 if tenants.txt is not what would be written

Python 3.9 or later, standard library only. Every run gives the same bytes. All names are reserved for examples
(example.com, example.net, example.org and below .example), so none of them can have an owner.
"""

import argparse
import hashlib
import pathlib
import sys

TARGET = pathlib.Path(__file__).resolve().parent / "tenants.txt"
COUNT = 10_000

HEAD = """\
# The tenants of saas.toml: 10,000 origins without an owner, written by generate_tenants.py.
#
# One origin per line, as a browser sends it. Blank lines and white space around a line are ignored.
# A line that starts with # is a comment, and so is the rest of a line after white space and a #.
# Order does not matter; a sorted list is easier to compare.

"""

QUALITIES = """amber arctic autumn bright calm cedar clear coastal copper coral crimson distant early eastern emerald
evergreen fern first golden granite green harbour hidden high highland indigo island ivory juniper lakeside little lone
lunar maple marble meadow misty modern mountain northern oak ocean old olive open orchid pacific paper polar prairie
quiet rapid red river rustic sandy scarlet silent silver simple solar southern spruce stone summer sunny swift tidal
timber upland urban velvet vivid western wild willow winter wooden""".split()
THINGS = """anchor apple arrow badger basket beacon bicycle birch bridge brook button candle canyon castle cloud
compass corner crane creek delta dune falcon feather field finch forest fox garden gate glacier grove hammer hare
harvest heron hill honey kettle kite ladder lantern lemon lily lynx mill mirror moon moss otter owl parcel pebble pepper
pine plum pond quarry raven reef ribbon robin rocket saddle sail shell sparrow spring star summit swan table thistle
tower trail tulip valley wagon whale window wren""".split()
TRADES = """academy accounts bakery bikes books brewery care ceramics clinic club coffee consulting cycles dental design
energy events farm films fitness florist foods foundry games gardens gallery hardware health homes hotel labs law
legal library logistics market media motors museum music optics outdoor pharmacy photo press print records rentals
repair robotics roasters schools shop software sports studio supply tailors tea theatre tools tours toys transport
travel wines works""".split()
WIDE = "bäckerei büro café crêperie grün jardín mañana piñata smørrebrød strøm über żółw книга ωμέγα".split()

# Hosts that the platform assigns, and the parts of a tenant's own domain name.
PLATFORM = ["shops.example.com", "eu.shops.example.com", "us.shops.example.com", "ap.shops.example.com",
            "trial.example.com", "apps.example.net", "hosted.example.org"]
PARENTS = ["agency.example.net", "campus.example.org", "city.example.org", "franchise.example.net",
           "group.example.com", "health.example.org", "partners.example.net", "resellers.example.com"]
SUBDOMAINS = ["app", "account", "book", "booking", "de", "en", "fr", "my", "orders", "portal", "shop", "store", "www"]
PORTS = [3000, 4443, 8080, 8443, 8444, 9443, 10443]


class Dice:
    """Numbers that look random and are the same on every machine and in every version of Python."""

    def __init__(self, seed):
        self.seed = seed
        self.thrown = 0

    def below(self, limit):
        self.thrown += 1
        digest = hashlib.sha256(f"{self.seed}/{self.thrown}".encode("ascii")).digest()
        return int.from_bytes(digest[:8], "big") % limit

    def one_of(self, choices):
        return choices[self.below(len(choices))]

    def percent(self, share):
        return self.below(100) < share


def a_label(dice):
    """A tenant's name as one label of a host."""
    if dice.percent(1):
        return "xn--" + f"{dice.one_of(WIDE)}-{dice.one_of(TRADES)}".encode("punycode").decode("ascii")
    form = dice.below(10)
    if form < 4:
        return f"{dice.one_of(QUALITIES)}-{dice.one_of(THINGS)}-{dice.one_of(TRADES)}"
    if form < 6:
        return f"{dice.one_of(QUALITIES)}{dice.one_of(THINGS)}"
    if form < 8:
        return f"{dice.one_of(THINGS)}-{dice.one_of(TRADES)}"
    if form < 9:
        return f"{dice.one_of(THINGS)}-and-{dice.one_of(THINGS)}"
    return f"{dice.one_of(THINGS)}{dice.below(900) + 100}"


def a_host(dice):
    label = a_label(dice)
    form = dice.below(20)
    if form < 9:
        return f"{label}.{dice.one_of(PLATFORM)}"
    if form < 12:
        return f"{label}.{dice.one_of(PARENTS)}"
    if form < 15:                                    # a domain of the tenant's own
        return f"{label}.example"
    if form < 18:
        return f"{dice.one_of(SUBDOMAINS)}.{label}.example"
    return f"{dice.one_of(SUBDOMAINS)}.{label}.{dice.one_of(PARENTS)}"


def an_origin(dice):
    port = f":{dice.one_of(PORTS)}" if dice.percent(3) else ""
    return f"https://{a_host(dice)}{port}"


def generate():
    dice = Dice("tenants")
    origins = set()
    while len(origins) < COUNT:
        origins.add(an_origin(dice))
    return (HEAD + "".join(f"{origin}\n" for origin in sorted(origins))).encode("ascii")


def main():
    parser = argparse.ArgumentParser(description="Write tenants.txt, the made-up tenant origins of saas.toml.")
    parser.add_argument("--check", action="store_true", help="compare with the file there; exit 1 on a difference")
    content = generate()
    if not parser.parse_args().check:
        TARGET.write_bytes(content)
        return 0
    if TARGET.is_file() and TARGET.read_bytes() == content:
        return 0
    print("tenants.txt is not what generate_tenants.py writes", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
