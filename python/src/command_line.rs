//! `python -m corsac`: the command line of corsac, on Python's streams.

use std::ffi::OsString;
use std::io::{self, Read, Write};

use corsac_cli::Output;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::watching::load;

/// Runs the command line on the streams of the process and returns the exit status.
#[pyfunction]
pub(crate) fn _run_process(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    load(py, || corsac_cli::run_process(arguments))
}

/// Runs the command line on binary files of Python and returns the exit status.
#[pyfunction]
pub(crate) fn _run(
    py: Python<'_>,
    arguments: Vec<OsString>,
    stdin: Py<PyAny>,
    stdout: Py<PyAny>,
    stderr: Py<PyAny>,
) -> u8 {
    let (mut stdin, mut stdout, mut stderr) = (File(stdin), File(stdout), File(stderr));
    load(py, || corsac_cli::run(arguments, &mut stdin, &mut Output::new(&mut stdout), &mut Output::new(&mut stderr)))
}

/// A binary file of Python; its exceptions are errors of this stream.
struct File(Py<PyAny>);

impl File {
    fn call<T>(&self, call: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>) -> io::Result<T> {
        Python::try_attach(|py| call(self.0.bind(py)).map_err(io::Error::from))
            .unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into()))
    }
}

impl Read for File {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.call(|file| {
            let read = file.call_method1("read", (buffer.len(),))?;
            let bytes = read.cast::<PyBytes>()?.as_bytes();
            let (start, _) = buffer.split_at_mut_checked(bytes.len()).unwrap_or_default();
            let bytes = bytes.get(..start.len()).unwrap_or_default();
            start.copy_from_slice(bytes);
            Ok(start.len())
        })
    }
}

impl Write for File {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.call(|file| file.call_method1("write", (PyBytes::new(file.py(), buffer),)).map(drop))?;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.call(|file| file.call_method0("flush").map(drop))
    }
}
