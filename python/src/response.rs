//! A decision carried out on the headers of a response: the one place for every drop-in.

use corsac::{Upstream, is_managed_header};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::decision::Decision;

/// How the names and values of a response are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As in ASGI.
    Bytes,
    /// As in WSGI.
    Text,
}

/// A header line of the response: the pair as it came, which is kept where nothing changes.
struct Line<'py> {
    pair: Bound<'py, PyAny>,
    name: Bound<'py, PyAny>,
    value: Bound<'py, PyAny>,
}

/// The response's headers as `decision` says, in a new list.
pub(crate) fn apply<'py>(
    py: Python<'py>,
    decision: &Decision,
    response: &Bound<'py, PyAny>,
    form: Form,
) -> PyResult<Bound<'py, PyList>> {
    match response.cast_exact::<PyList>() {
        Ok(list) if list.iter().all(|pair| is_left_alone(decision, &pair, form)) => {
            // So it is for most responses: ours come behind what is there.
            // One allocation of the right size.
            let result = list.as_sequence().concat(decision.additions(py, form)?.as_sequence())?;
            Ok(result.into_any().cast_into()?)
        }
        _ => merge(py, decision, response, form),
    }
}

/// Whether this header is neither removed nor replaced, is no `Vary`, and decides nothing.
#[inline]
fn is_left_alone(decision: &Decision, pair: &Bound<'_, PyAny>, form: Form) -> bool {
    let Ok(pair) = pair.cast_exact::<PyTuple>() else { return false };
    let [name, value] = pair.as_slice() else { return false };
    form.is_right(name) && form.is_right(value) && {
        let name = form.bytes(name);
        !name.eq_ignore_ascii_case(b"vary")
            && !is_managed_header(name, [])
            && !decision.names().iter().any(|set| name.eq_ignore_ascii_case(set.as_bytes()))
    }
}

fn merge<'py>(
    py: Python<'py>,
    decision: &Decision,
    response: &Bound<'py, PyAny>,
    form: Form,
) -> PyResult<Bound<'py, PyList>> {
    let lines = response.try_iter()?.map(|pair| Line::new(&pair?, form)).collect::<PyResult<Vec<_>>>()?;
    let is_cors = |line: &Line<'py>| is_managed_header(line.name(form), []);
    let sets = decision.upstream_policy() == Upstream::Replace || !lines.iter().any(is_cors);

    let vary_lines = || lines.iter().filter(|line| line.name(form).eq_ignore_ascii_case(b"vary"));
    let missing = decision.vary_names().missing(vary_lines().map(|line| line.value(form))).value();
    let mut missing = (!missing.is_empty()).then_some(missing);

    let result = PyList::empty(py);
    for line in &lines {
        let name = line.name(form);
        if sets && is_replaced(decision, name) {
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
        decision.pairs(py, form)?.iter().try_for_each(|pair| result.append(pair))?;
    }
    if let Some(missing) = missing {
        result.append((form.text(py, "vary"), form.text(py, missing)))?;
    }
    Ok(result)
}

/// Whether a header of the response goes: one that is managed, or one that is set in its place.
fn is_replaced(decision: &Decision, name: &[u8]) -> bool {
    let set = decision.names();
    let is_removed = decision.upstream_policy() == Upstream::Replace && is_managed_header(name, set.iter().copied());
    is_removed || set.iter().any(|set| name.eq_ignore_ascii_case(set.as_bytes()))
}

impl<'py> Line<'py> {
    fn new(pair: &Bound<'py, PyAny>, form: Form) -> PyResult<Self> {
        let tuple = match pair.cast::<PyList>() {
            Ok(list) => list.to_tuple(),
            Err(_) => pair.cast::<PyTuple>().map_err(|_| PyTypeError::new_err(form.wanted()))?.clone(),
        };
        if tuple.len() != 2 {
            return Err(PyTypeError::new_err(form.wanted()));
        }
        let (name, value) = (tuple.get_item(0)?, tuple.get_item(1)?);
        if form.is_right(&name) && form.is_right(&value) {
            return Ok(Self { pair: pair.clone(), name, value });
        }
        Err(PyTypeError::new_err(form.wanted()))
    }

    fn name(&self, form: Form) -> &[u8] {
        form.bytes(&self.name)
    }

    fn value(&self, form: Form) -> &[u8] {
        form.bytes(&self.value)
    }
}

impl Form {
    fn is_right(self, text: &Bound<'_, PyAny>) -> bool {
        match self {
            Self::Bytes => text.is_instance_of::<PyBytes>(),
            Self::Text => text.is_instance_of::<PyString>(),
        }
    }

    /// Text as this form writes it.
    pub(crate) fn text<'py>(self, py: Python<'py>, text: &str) -> Bound<'py, PyAny> {
        match self {
            Self::Bytes => PyBytes::new(py, text.as_bytes()).into_any(),
            Self::Text => PyString::new(py, text).into_any(),
        }
    }

    /// Text with surrogates is nothing that is compared here, so it may be nothing.
    fn bytes<'a>(self, text: &'a Bound<'_, PyAny>) -> &'a [u8] {
        match self {
            Self::Bytes => text.cast::<PyBytes>().map(|bytes| bytes.as_bytes()).unwrap_or_default(),
            Self::Text => {
                text.cast::<PyString>().ok().and_then(|text| text.to_str().ok()).unwrap_or_default().as_bytes()
            }
        }
    }

    /// A value with more members behind it.
    fn joined<'py>(self, py: Python<'py>, value: &[u8], more: &str) -> PyResult<Bound<'py, PyAny>> {
        let parting: &[u8] = if value.trim_ascii().is_empty() || more.is_empty() { b"" } else { b", " };
        let joined = [value, parting, more.as_bytes()].concat();
        Ok(match self {
            Self::Bytes => PyBytes::new(py, &joined).into_any(),
            Self::Text => PyString::new(py, &String::from_utf8_lossy(&joined)).into_any(),
        })
    }

    fn wanted(self) -> &'static str {
        match self {
            Self::Bytes => "response headers must be pairs of bytes (`apply_str` takes pairs of str)",
            Self::Text => "response headers must be pairs of str (`apply` takes pairs of bytes)",
        }
    }
}
