//! The C interface of libchdb, opened by dlopen: the product builds and starts without the library.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};

use crate::exception::{Exception, code};

type Handle = *mut c_void;
type Names = *const *const c_char;
type Lengths = *const usize;

/// Connection, statement, format, and the names and values of the parameters, each with its length.
type Query = unsafe extern "C" fn(
    Handle,
    *const c_char,
    usize,
    *const c_char,
    usize,
    Names,
    Lengths,
    Names,
    Lengths,
    usize,
) -> Handle;

/// The functions that we call, with the signatures of this version's chdb.h.
pub struct Api {
    connect: unsafe extern "C" fn(c_int, *mut *mut c_char) -> *mut Handle,
    close: unsafe extern "C" fn(*mut Handle),
    query: Query,
    stream: Query,
    stream_fetch: unsafe extern "C" fn(Handle, Handle) -> Handle,
    stream_cancel: unsafe extern "C" fn(Handle, Handle),
    insert_begin: unsafe extern "C" fn(Handle, *const c_char, usize, *const c_char, usize) -> Handle,
    insert_append: unsafe extern "C" fn(Handle, *const c_void, usize) -> c_int,
    insert_done: unsafe extern "C" fn(Handle) -> Handle,
    insert_cancel: unsafe extern "C" fn(Handle),
    insert_error: unsafe extern "C" fn(Handle) -> *const c_char,
    insert_destroy: unsafe extern "C" fn(Handle),
    result_destroy: unsafe extern "C" fn(Handle),
    result_buffer: unsafe extern "C" fn(Handle) -> *const u8,
    result_length: unsafe extern "C" fn(Handle) -> usize,
    result_error: unsafe extern "C" fn(Handle) -> *const c_char,
    _library: Library,
}

/// The engine's text for a statement that is not a SELECT; nothing of it has run then.
const NO_STREAM: &str = "Streaming query is not supported";

impl Api {
    /// Loads the library for the lifetime of the process.
    pub fn load(path: &Path) -> Result<&'static Self, libloading::Error> {
        // SAFETY: the file was checked by its hash or named by the operator; its
        // initialisers are ClickHouse's own. Each symbol has the type that chdb.h declares.
        unsafe {
            let library = Library::open(Some(path), RTLD_NOW | RTLD_LOCAL)?;
            let signals: unsafe extern "C" fn(c_int) = *library.get(b"chdb_set_signal_handlers_enabled\0")?;
            // Before the first connection: the process handles signals itself.
            signals(0);
            Ok(Box::leak(Box::new(Self {
                connect: *library.get(b"chdb_connect\0")?,
                close: *library.get(b"chdb_close_conn\0")?,
                query: *library.get(b"chdb_query_with_params_n\0")?,
                stream: *library.get(b"chdb_stream_query_with_params_n\0")?,
                stream_fetch: *library.get(b"chdb_stream_fetch_result\0")?,
                stream_cancel: *library.get(b"chdb_stream_cancel_query\0")?,
                insert_begin: *library.get(b"chdb_stream_insert_n\0")?,
                insert_append: *library.get(b"chdb_stream_append\0")?,
                insert_done: *library.get(b"chdb_stream_done\0")?,
                insert_cancel: *library.get(b"chdb_stream_cancel_insert\0")?,
                insert_error: *library.get(b"chdb_stream_insert_error\0")?,
                insert_destroy: *library.get(b"chdb_destroy_insert_stream\0")?,
                result_destroy: *library.get(b"chdb_destroy_query_result\0")?,
                result_buffer: *library.get(b"chdb_result_buffer\0")?,
                result_length: *library.get(b"chdb_result_length\0")?,
                result_error: *library.get(b"chdb_result_error\0")?,
                _library: library,
            })))
        }
    }

    /// Opens a connection. The first one opens the data path, which only one process can hold.
    pub fn open(&'static self, arguments: &[CString]) -> Option<Connection> {
        let mut pointers: Vec<*mut c_char> = arguments.iter().map(|a| a.as_ptr().cast_mut()).collect();
        let count = c_int::try_from(pointers.len()).ok()?;
        // SAFETY: argc/argv as main() gets them; the strings outlive the call.
        let handle = unsafe { (self.connect)(count, pointers.as_mut_ptr()) };
        // SAFETY: a non-null result points to the connection.
        let open = !handle.is_null() && unsafe { !(*handle).is_null() };
        open.then_some(Connection { api: self, handle })
    }

    /// Copies a result out and frees it.
    fn take(&self, result: Handle) -> Result<Vec<u8>, Exception> {
        if result.is_null() {
            return Err(Exception::new(code::POCO_EXCEPTION, "the engine returned nothing"));
        }
        // SAFETY: `result` is a live result of this library; buffer and length belong
        // together; it is destroyed once, after its contents were copied.
        unsafe {
            let out = match exception((self.result_error)(result)) {
                Some(exception) => Err(exception),
                None => {
                    let (data, length) = ((self.result_buffer)(result), (self.result_length)(result));
                    let empty = data.is_null() || length == 0;
                    Ok(if empty { Vec::new() } else { std::slice::from_raw_parts(data, length).to_vec() })
                }
            };
            (self.result_destroy)(result);
            out
        }
    }
}

/// SAFETY: `text` is null or a C string that lives as long as its result.
unsafe fn exception(text: *const c_char) -> Option<Exception> {
    // SAFETY: the caller guarantees it.
    (!text.is_null())
        .then(|| Exception::from_engine(unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()))
}

/// How the output of a statement ended.
pub enum Ended {
    /// All rows of a SELECT were read.
    Read,
    /// The reader wanted no more of them.
    Left,
    /// It was no SELECT: the connection may be in another database now, or have other settings.
    Other,
}

/// A connection, with the settings and the database of one request.
pub struct Connection {
    api: &'static Api,
    handle: *mut Handle,
}

// SAFETY: a connection is used by one thread at a time (`&mut self`); the library itself is
// thread-safe across connections.
unsafe impl Send for Connection {}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: opened by this library, closed once.
        unsafe { (self.api.close)(self.handle) }
    }
}

impl Connection {
    /// Runs a statement, with parameters bound by the engine, and returns its output.
    pub fn query(
        &mut self,
        sql: &[u8],
        format: &str,
        params: &[(String, String)],
    ) -> Result<Vec<u8>, Exception> {
        let result = self.call(self.api.query, sql, format, params);
        self.api.take(result)
    }

    /// Runs a SELECT and passes its output to `each` block by block, until `each` returns false.
    /// Every block repeats the header of the format. The output of any other statement is one block.
    pub fn stream(
        &mut self,
        sql: &[u8],
        format: &str,
        params: &[(String, String)],
        mut each: impl FnMut(Vec<u8>) -> bool,
    ) -> Result<Ended, Exception> {
        let stream = self.call(self.api.stream, sql, format, params);
        if stream.is_null() {
            return Err(Exception::new(code::POCO_EXCEPTION, "the engine opened no stream"));
        }
        // SAFETY: `stream` is live until it is destroyed, once, at the end; it belongs to this
        // connection; each fetched result is taken once.
        let ended = unsafe {
            let ended = match exception((self.api.result_error)(stream)) {
                Some(exception) => Err(exception),
                None => loop {
                    match self.api.take((self.api.stream_fetch)(*self.handle, stream)) {
                        Err(exception) => break Err(exception),
                        Ok(block) if block.is_empty() => break Ok(Ended::Read),
                        Ok(block) => {
                            if !each(block) {
                                (self.api.stream_cancel)(*self.handle, stream);
                                break Ok(Ended::Left);
                            }
                        }
                    }
                },
            };
            (self.api.result_destroy)(stream);
            ended
        };
        match ended {
            Err(exception) if exception.text().contains(NO_STREAM) => {
                each(self.query(sql, format, params)?);
                Ok(Ended::Other)
            }
            ended => ended,
        }
    }

    fn call(&self, function: Query, sql: &[u8], format: &str, params: &[(String, String)]) -> Handle {
        let (names, values): (Vec<&str>, Vec<&str>) =
            params.iter().map(|(n, v)| (n.as_str(), v.as_str())).unzip();
        let pointers = |texts: &[&str]| -> (Vec<*const c_char>, Vec<usize>) {
            texts.iter().map(|text| (text.as_ptr().cast(), text.len())).unzip()
        };
        let ((names, name_lengths), (values, value_lengths)) = (pointers(&names), pointers(&values));
        // SAFETY: every pointer goes with its length and outlives the call.
        unsafe {
            function(
                *self.handle,
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
                names.as_ptr(),
                name_lengths.as_ptr(),
                values.as_ptr(),
                value_lengths.as_ptr(),
                params.len(),
            )
        }
    }

    /// Runs an INSERT whose data `next` returns chunk by chunk. An error from `next` cancels the
    /// insert, and nothing of it is kept.
    pub fn insert(
        &mut self,
        sql: &str,
        format: &str,
        mut next: impl FnMut() -> Result<Option<Vec<u8>>, Exception>,
    ) -> Result<(), Exception> {
        // SAFETY: pointers go with lengths; the stream is done or cancelled, and destroyed, once.
        unsafe {
            let stream = (self.api.insert_begin)(
                *self.handle,
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
            );
            if stream.is_null() {
                return Err(Exception::new(code::POCO_EXCEPTION, "the engine opened no insert"));
            }
            if let Some(exception) = exception((self.api.insert_error)(stream)) {
                (self.api.insert_destroy)(stream);
                return Err(exception);
            }
            let ended = loop {
                match next() {
                    Ok(None) => break Ok(()),
                    Err(exception) => break Err(exception),
                    Ok(Some(chunk)) => {
                        // The chunk was refused: `insert_done` returns why.
                        if (self.api.insert_append)(stream, chunk.as_ptr().cast(), chunk.len()) != 0 {
                            break Ok(());
                        }
                    }
                }
            };
            let out = match ended {
                Ok(()) => self.api.take((self.api.insert_done)(stream)).map(drop),
                Err(exception) => {
                    (self.api.insert_cancel)(stream);
                    Err(exception)
                }
            };
            (self.api.insert_destroy)(stream);
            out
        }
    }
}
