# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The compiled twin of the readable engine, road by road.

Every road answers with None where it does not know: on errors and on what is rare. The readable engine then runs on
the same input, and its value or exception is the answer.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.ref cimport Py_DECREF, Py_INCREF, PyObject, PyTypeObject
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_DecodeUTF8
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memchr, memcmp, memcpy, memmove, memset

from _thread import RLock
from sys import byteorder

from codec import types
from codec.schema import builtin

ctypedef uint8_t u8
ctypedef int16_t i16
ctypedef uint16_t u16
ctypedef int32_t i32
ctypedef uint32_t u32
ctypedef int64_t i64
ctypedef uint64_t u64

cdef extern from "primitives.h" nogil:
    int CODEC_LOAD(int* place)
    void CODEC_STORE(int* place, int value)
    unsigned CODEC_FIRST_BIT(unsigned mask)
    unsigned codec_special16(const u8* p)
    unsigned codec_ending16(const u8* p)
    unsigned codec_utf8(const u8* p, const u8* end)
    u8* codec_base64(u8* out, const u8* p, size_t length)

cdef extern from *:
    u32 CODEC_SOURCES  # given by setup.py

VERSION = "0.1.0"  # of the library that it was built for


def check_sources():
    """ImportError where the sources of this extension lie beside it, and are not those that it was made of.

    So in a checkout whose sources were changed, nothing old runs: the readable engine does, and a warning says so.
    """
    from binascii import crc32
    from os import listdir, path

    folder = path.join(path.dirname(__file__), "compiled")
    try:
        names = sorted([name for name in listdir(folder) if name.endswith((".pyx", ".pxi", ".h"))])
    except OSError:
        return  # installed
    found = 0
    for name in names:
        with open(path.join(folder, name), "rb") as source:
            found = crc32(source.read(), crc32(name.encode(), found))
    if found != CODEC_SOURCES:
        from warnings import warn

        problem = "the compiled engine was built from other sources: `python setup.py build_ext --inplace` builds it"
        warn(problem, RuntimeWarning)
        raise ImportError(problem)


check_sources()

cdef struct ClassPlan  # see objects.pxi

include "buffer.pxi"
include "tables.pxi"
include "wire.pxi"
include "forms.pxi"
include "json_text.pxi"
include "raw_json.pxi"
include "tape.pxi"
include "wire_back.pxi"

cdef enum:
    LONG = 8192  # bytes of input from which on the GIL is worth releasing

include "json_wire.pxi"
include "yaml_text.pxi"


cdef int write_json(Work* work, Envelope* envelope, Message* message, const u8* head, size_t head_length) noexcept nogil:
    """The whole JSON of a stored value."""
    cdef Slot* slots
    cdef int status
    cdef size_t mark = <size_t>(work.out.at - work.out.start)
    if not room(&work.out, 2 * <size_t>(envelope.inner_end - envelope.inner) + 256):
        return NO_MEMORY
    status = put(&work.out, head, head_length)
    if status:
        return status
    slots = take(&work.arena, message.width)
    if slots == NULL:
        return NO_MEMORY
    status = scan(message, envelope.inner, envelope.inner_end, slots, 0)
    if status == OK:
        status = put_fields(work, message, slots, 0)
    give_back(&work.arena, message.width)
    return status or close_object(&work.out, mark)


cdef int json_of(raw, Work* work) except -1:
    """Stored protobuf → JSON in the buffer; BAIL where the readable engine shall decide."""
    if type(raw) is not bytes:
        return BAIL
    cdef const u8* p = <const u8*>PyBytes_AS_STRING(raw)
    cdef const u8* end = p + PyBytes_GET_SIZE(raw)
    cdef Envelope envelope
    cdef Root root
    cdef Message* message
    cdef const u8* head
    cdef size_t head_length
    cdef int status
    if read_envelope(p, end, &envelope):
        return BAIL
    root = root_of(&envelope)
    if root is None or root.message.form > F_UNKNOWN:
        return BAIL
    message = root.message
    head = <const u8*>PyBytes_AS_STRING(root.json)
    head_length = <size_t>PyBytes_GET_SIZE(root.json)
    work.input_end = end
    if end - p >= LONG:
        with nogil:
            status = write_json(work, &envelope, message, head, head_length)
    else:
        status = write_json(work, &envelope, message, head, head_length)
    if status == NO_MEMORY:
        raise MemoryError
    return status


def storage_to_json(raw):
    """Stored protobuf → JSON, or None."""
    cdef Work work
    memset(&work, 0, sizeof(Work))
    try:
        if json_of(raw, &work):
            return None
        return PyBytes_FromStringAndSize(<const char*>work.out.start, work.out.at - work.out.start)
    finally:
        out_free(&work.out)
        arena_free(&work.arena)


def storage_to_yaml(raw):
    """Stored protobuf → YAML, or None."""
    cdef Work work
    cdef Tape tape
    cdef Out yaml
    cdef int status
    memset(&work, 0, sizeof(Work))
    memset(&tape, 0, sizeof(Tape))
    memset(&yaml, 0, sizeof(Out))
    try:
        if json_of(raw, &work):
            return None
        if work.out.at - work.out.start >= LONG:
            with nogil:
                status = write_yaml(&work.out, &tape, &yaml)
        else:
            status = write_yaml(&work.out, &tape, &yaml)
        if status == NO_MEMORY:
            raise MemoryError
        if status:
            return None
        return PyUnicode_DecodeUTF8(<const char*>yaml.start, yaml.at - yaml.start, NULL)
    finally:
        out_free(&work.out)
        arena_free(&work.arena)
        tape_free(&tape)
        out_free(&yaml)


include "batch.pxi"
include "objects.pxi"
include "read_objects.pxi"
include "write_objects.pxi"
include "fnv.pxi"
include "revisions.pxi"
