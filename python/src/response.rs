//! Applying a decision to the headers of a response, for every middleware.

use corsac::{Upstream, is_managed_header};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::form::Form;
use crate::header_changes::HeaderChanges;

/// A header line of the response: its pair, which is kept if nothing changes, and the pair's parts.
struct Line<'py> {
    pair: Bound<'py, PyAny>,
    name: Bound<'py, PyAny>,
    value: Bound<'py, PyAny>,
}

/// The response's headers after the changes, in a new list.
pub(crate) fn apply<'py>(
    py: Python<'py>,
    changes: &HeaderChanges,
    response: &Bound<'py, PyAny>,
    form: Form,
) -> PyResult<Bound<'py, PyList>> {
    match response.cast_exact::<PyList>() {
        Ok(list) if list.iter().all(|pair| is_unchanged(changes, &pair, form)) => {
            // Most responses: ours are appended, with a single allocation.
            let result = list.as_sequence().concat(changes.additions(py, form)?.as_sequence())?;
            Ok(result.into_any().cast_into()?)
        }
        _ => merge(py, changes, response, form),
    }
}

/// Whether this header is neither removed nor replaced, is not `Vary`, and does not make `keep` apply.
#[inline]
fn is_unchanged(changes: &HeaderChanges, pair: &Bound<'_, PyAny>, form: Form) -> bool {
    let Ok(pair) = pair.cast_exact::<PyTuple>() else { return false };
    let [name, value] = pair.as_slice() else { return false };
    form.is_right(name) && form.is_right(value) && {
        let name = form.bytes(name);
        !name.eq_ignore_ascii_case(b"vary")
            && !is_managed_header(name, false)
            && !changes.names().iter().any(|set| name.eq_ignore_ascii_case(set.as_bytes()))
    }
}

fn merge<'py>(
    py: Python<'py>,
    changes: &HeaderChanges,
    response: &Bound<'py, PyAny>,
    form: Form,
) -> PyResult<Bound<'py, PyList>> {
    let lines = response.try_iter()?.map(|pair| Line::new(&pair?, form)).collect::<PyResult<Vec<_>>>()?;
    let is_cors = |line: &Line<'py>| is_managed_header(line.name(form), false);
    let sets = changes.upstream() == Upstream::Replace || !lines.iter().any(is_cors);

    let vary_lines = || lines.iter().filter(|line| line.name(form).eq_ignore_ascii_case(b"vary"));
    let missing = changes.vary().missing(vary_lines().map(|line| line.value(form))).value();
    let mut missing = (!missing.is_empty()).then_some(missing);

    let result = PyList::empty(py);
    for line in &lines {
        let name = line.name(form);
        if sets && is_replaced(changes, name) {
            continue;
        }
        if name.eq_ignore_ascii_case(b"vary")
            && let Some(missing) = missing.take()
        {
            result.append((&line.name, form.joined(py, line.value(form), missing)?))?;
            continue;
        }
        result.append(&line.pair)?;
    }
    if sets {
        changes.pairs(py, form)?.iter().try_for_each(|pair| result.append(pair))?;
    }
    if let Some(missing) = missing {
        result.append((form.text(py, "vary"), form.text(py, missing)))?;
    }
    Ok(result)
}

/// Whether a header of the response is removed: it is managed, or the decision sets it.
fn is_replaced(changes: &HeaderChanges, name: &[u8]) -> bool {
    let set = changes.names();
    let is_removed = changes.upstream() == Upstream::Replace && changes.manages(name);
    is_removed || set.iter().any(|set| name.eq_ignore_ascii_case(set.as_bytes()))
}

impl<'py> Line<'py> {
    fn new(pair: &Bound<'py, PyAny>, form: Form) -> PyResult<Self> {
        let tuple = match pair.cast::<PyList>() {
            Ok(list) => list.to_tuple(),
            Err(_) => pair.cast::<PyTuple>().map_err(|_| PyTypeError::new_err(form.type_error()))?.clone(),
        };
        if tuple.len() != 2 {
            return Err(PyTypeError::new_err(form.type_error()));
        }
        let (name, value) = (tuple.get_item(0)?, tuple.get_item(1)?);
        if form.is_right(&name) && form.is_right(&value) {
            return Ok(Self { pair: pair.clone(), name, value });
        }
        Err(PyTypeError::new_err(form.type_error()))
    }

    fn name(&self, form: Form) -> &[u8] {
        form.bytes(&self.name)
    }

    fn value(&self, form: Form) -> &[u8] {
        form.bytes(&self.value)
    }
}
