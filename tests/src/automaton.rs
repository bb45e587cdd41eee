//! Automata of expressions, to be walked at random from the first byte to the last of a match.

use std::collections::HashMap;

use regex_automata::Anchored;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};

use crate::generate::Dice;

/// The shape of every valid origin of the schemes that expressions can have, and of few others.
const ORIGIN: &str = r"https?://([a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?";

/// What such origins consist of.
const BYTES: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-_.:/[]";

/// The largest graph that is made; what lies beyond is left out.
const MOST_NODES: usize = 20_000;

/// From this length on a walk takes the shortest way to an end.
const LONG: usize = 40;

type Dfa = dense::DFA<Vec<u32>>;

/// The expression's whole matches, as an automaton of another build than the engine's.
fn automaton(expression: &str) -> Dfa {
    dense::Builder::new()
        .configure(dense::Config::new().start_kind(StartKind::Anchored))
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .thompson(thompson::Config::new().utf8(false))
        .build(&format!(r"\A(?:{expression})\z"))
        .unwrap_or_else(|error| panic!("`{expression}`: {error}"))
}

fn start(dfa: &Dfa) -> StateID {
    dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).unwrap()
}

/// All origins that an expression matches, as a graph: each walk to an end spells one.
#[derive(Debug)]
pub struct Graph {
    nodes: Vec<Node>,
    is_cut: bool,
}

#[derive(Debug, Default)]
struct Node {
    edges: Vec<(u8, usize)>,
    is_end: bool,
    /// Bytes to the nearest end, if there is one.
    left: Option<usize>,
}

impl Graph {
    /// What the expression has in common with valid origins.
    pub fn of_matches(expression: &str) -> Self {
        Self::of(&[(automaton(expression), true), (automaton(ORIGIN), true)])
    }

    /// The same without the origins whose host is one of these domains or below one. Where it has an
    /// end, the expression goes out of the domains.
    pub fn of_matches_outside<'d>(expression: &str, domains: impl IntoIterator<Item = &'d String>) -> Self {
        let domains: Vec<String> = domains.into_iter().map(|domain| domain.replace('.', r"\.")).collect();
        if domains.is_empty() {
            return Self::of_matches(expression);
        }
        let inside = format!(r"https?://([^/]*\.)?({})\.?(:[0-9]+)?", domains.join("|"));
        Self::of(&[(automaton(expression), true), (automaton(ORIGIN), true), (automaton(&inside), false)])
    }

    /// The texts that each automaton matches, or does not match, as the flag beside it says.
    fn of(automata: &[(Dfa, bool)]) -> Self {
        let first: Vec<StateID> = automata.iter().map(|(dfa, _)| start(dfa)).collect();
        let (mut states, mut numbers) = (vec![first.clone()], HashMap::from([(first, 0)]));
        let mut graph = Self { nodes: vec![], is_cut: false };
        while let Some(state) = states.get(graph.nodes.len()).cloned() {
            let both = || automata.iter().zip(&state);
            let is_end = both().all(|((dfa, wanted), id)| dfa.is_match_state(dfa.next_eoi_state(*id)) == *wanted);
            let mut node = Node { is_end, ..Node::default() };
            for byte in BYTES {
                let next: Vec<StateID> = both().map(|((dfa, _), id)| dfa.next_state(*id, *byte)).collect();
                let is_dead = automata.iter().zip(&next).any(|((dfa, wanted), id)| *wanted && dfa.is_dead_state(*id));
                if is_dead {
                    continue;
                }
                let known = numbers.get(&next).copied();
                graph.is_cut |= known.is_none() && states.len() >= MOST_NODES;
                let number = known.or_else(|| {
                    (states.len() < MOST_NODES).then(|| {
                        numbers.insert(next.clone(), states.len());
                        states.push(next);
                        states.len() - 1
                    })
                });
                node.edges.extend(number.map(|number| (*byte, number)));
            }
            graph.nodes.push(node);
        }
        graph.measure();
        graph
    }

    /// Finds how far every node is from an end, and drops the edges to where there is none.
    fn measure(&mut self) {
        let mut before = vec![vec![]; self.nodes.len()];
        for (number, node) in self.nodes.iter().enumerate() {
            node.edges.iter().for_each(|(_, next)| before[*next].push(number));
        }
        let mut reached: Vec<usize> = (0..self.nodes.len()).filter(|number| self.nodes[*number].is_end).collect();
        reached.iter().for_each(|number| self.nodes[*number].left = Some(0));
        let mut at = 0;
        while let Some(&number) = reached.get(at) {
            for &earlier in &before[number] {
                if self.nodes[earlier].left.is_none() {
                    self.nodes[earlier].left = self.nodes[number].left.map(|left| left + 1);
                    reached.push(earlier);
                }
            }
            at += 1;
        }
        let has_end: Vec<bool> = self.nodes.iter().map(|node| node.left.is_some()).collect();
        self.nodes.iter_mut().for_each(|node| node.edges.retain(|(_, next)| has_end[*next]));
    }

    /// Whether there is nothing to be found by walking.
    pub fn is_empty(&self) -> bool {
        self.nodes[0].left.is_none()
    }

    /// Whether the graph would have been larger than what is made.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// One of the texts; nothing where there is none.
    pub fn walk(&self, dice: &mut Dice) -> Option<String> {
        let (mut text, mut node) = (String::new(), &self.nodes[0]);
        node.left?;
        loop {
            let must_stop = node.edges.is_empty() || text.len() >= LONG;
            if node.is_end && (must_stop || dice.percent(25)) {
                return Some(text);
            }
            let (byte, next) = self.step(node, text.len() >= LONG, dice);
            text.push(char::from(byte));
            node = &self.nodes[next];
        }
    }

    fn step(&self, node: &Node, shortest: bool, dice: &mut Dice) -> (u8, usize) {
        let left = |edge: &(u8, usize)| self.nodes[edge.1].left;
        let mut edges = node.edges.clone();
        if shortest {
            let least = edges.iter().map(left).min();
            edges.retain(|edge| Some(left(edge)) == least);
        } else if dice.percent(60) {
            // A dot is one byte of forty, and all that matters: choose what comes of a byte first.
            let next = dice.pick(&edges).1;
            let rare: Vec<_> = edges.iter().copied().filter(|edge| edge.1 != next).collect();
            edges = if rare.is_empty() { edges } else { rare };
        }
        *dice.pick(&edges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_spell_matches() {
        let graph = Graph::of_matches(r"https://([a-z]+\.)?a\.com(:[0-9]+)?");
        let regex = regex::Regex::new(r"^https://([a-z]+\.)?a\.com(:[0-9]+)?$").unwrap();
        let mut dice = Dice::new(1);
        let walks: Vec<String> = (0..200).map(|_| graph.walk(&mut dice).unwrap()).collect();
        assert!(walks.iter().all(|walk| regex.is_match(walk)), "{walks:?}");
        assert!(walks.iter().any(|walk| walk.contains(":1")) && walks.iter().any(|walk| walk == "https://a.com"));
    }

    #[test]
    fn what_goes_out_of_its_domains_is_seen() {
        for (expression, domain, goes_out) in [
            (r"https://.*\.a\.com", "a.com", false),
            (r"https://.*a\.com", "a.com", true),
            (r"https://b.a\.com", "a.com", true),
            (r"https://b\.a\.com.*", "a.com", true),
            (r"https://b\.a\.com\.?(:.*)?", "a.com", false),
            (r"https://b\.a\.com(:[0-9]+)?|https://b\.com", "a.com", true),
            (r"ftp://b\.com", "a.com", false),
        ] {
            let graph = Graph::of_matches_outside(expression, &[domain.to_string()]);
            assert_eq!(!graph.is_empty(), goes_out, "{expression}: {:?}", graph.walk(&mut Dice::new(1)));
        }
    }
}
