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
    int CODEC_COUNT(unsigned mask)
    void codec_fill_base64()
    bint codec_from_base64(u8* out, const u8* p, const u8* end)
    bint codec_has_avx2()
    bint codec_copy_fields(u8* to, const u8* p, size_t length)
    bint codec_copy_plain(u8* to, const u8* p, size_t length)
    bint codec_plain_json(const u8* p, const u8* end)
    int CODEC_FIRST_BIT64(u64 mask)
    bint codec_same(const u8* p, const u8* end, const u8* key, int length)
    void codec_copy(u8* to, const u8* p, size_t length)
    unsigned codec_spaced16(const u8* p)
    ctypedef struct YamlMasks "codec_yaml_masks":
        unsigned odd, any, space, newline, colon, hash, quote
    void codec_yaml16(const u8* p, YamlMasks* found)

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
cdef struct Named  # see yaml_wire.pxi
cdef struct Stream  # see json_stream.pxi
cdef struct Expected  # see json_slots.pxi

include "buffer.pxi"
include "tables.pxi"
include "wire.pxi"
include "forms.pxi"
include "raw_json.pxi"
include "tape.pxi"
include "json_text.pxi"
include "json_stream.pxi"
include "wire_back.pxi"

cdef enum:
    LONG = 8192  # bytes of input from which on the GIL is worth releasing

include "json_slots.pxi"
include "json_wire.pxi"
include "yaml_order.pxi"
include "yaml_text.pxi"
include "yaml_raw.pxi"
include "yaml_wire.pxi"


cdef inline int scan_root(Work* work, Envelope* envelope, Message* message, Slot* slots) noexcept nogil:
    """Reads the root of a stored value into its slots, with the resource version that is to be shown."""
    cdef Shown* shown
    cdef int status = scan(message, envelope.inner, envelope.inner_end, slots, 0)
    if status or work.version_length == 0:
        return status
    shown = shown_of(message, b"metadata", 8)
    if shown == NULL or shown.field.kind != K_MESSAGE:
        return OK
    if shown.field.label > L_OPTIONAL:
        return BAIL
    status = reach(shown.field.message)
    if status:
        return status
    work.metadata = shown.field
    if slots[shown.slot].start == NULL:
        slots[shown.slot].start = work.version
        slots[shown.slot].value = <u64>work.version
    shown = shown_of(work.metadata.message, b"resourceVersion", 15)
    if shown == NULL:
        work.metadata = NULL
        return BAIL
    if work.metadata.message.form != F_PLAIN or shown.field.kind != K_STRING or shown.field.label > L_OPTIONAL:
        return BAIL
    work.version_slot = shown.slot
    return OK


cdef int write_json(Work* work, Envelope* envelope, Message* message, const u8* head, size_t length) noexcept nogil:
    """The whole JSON of a stored value, whose `head` is its kind and apiVersion."""
    cdef Slot* slots
    cdef int status
    cdef size_t mark = <size_t>(work.out.at - work.out.start)
    if not room(&work.out, 2 * <size_t>(envelope.inner_end - envelope.inner) + 256):
        return NO_MEMORY
    status = put(&work.out, head, length)
    if status:
        return status
    if work.version_length == 0 and is_streamed(message):
        status = put_planned(work, message, envelope.inner, envelope.inner_end, 0)
        if status != STRAY:
            return status or close_object(&work.out, mark)
    slots = take(&work.arena, message.width)
    if slots == NULL:
        return NO_MEMORY
    status = scan_root(work, envelope, message, slots)
    if status == OK:
        status = put_fields(work, message, slots, 0)
    give_back(&work.arena, message.width)
    return status or close_object(&work.out, mark)


cdef int write_yaml(Work* work, Envelope* envelope, Message* message, RootLines* head) noexcept nogil:
    """The whole YAML of a stored value."""
    cdef Slot* slots
    cdef int status
    if not room(&work.out, 2 * <size_t>(envelope.inner_end - envelope.inner) + 256):
        return NO_MEMORY
    slots = take(&work.arena, message.width)
    if slots == NULL:
        return NO_MEMORY
    status = scan_root(work, envelope, message, slots)
    if status == OK:
        status = put_yaml_fields(work, message, slots, 0, 0, True, head)
    give_back(&work.arena, message.width)
    return status


cdef Root open_value(raw, resource_version, Work* work, Envelope* envelope):
    """What a stored value is, and its parts; None where the readable engine shall decide."""
    cdef const u8* p
    cdef Root root
    if type(raw) is not bytes:
        return None
    p = <const u8*>PyBytes_AS_STRING(raw)
    work.input_end = p + PyBytes_GET_SIZE(raw)
    if read_envelope(p, work.input_end, envelope):
        return None
    if set_shown(work, resource_version):
        return None
    root = root_of(envelope)
    return None if root is None or root.message.form > F_UNKNOWN else root


cdef void work_free(Work* work) noexcept:
    out_free(&work.out)
    arena_free(&work.arena)
    out_free(&work.scratch)
    out_free(&work.keys)
    tape_free(&work.tape)


cdef int set_shown(Work* work, resource_version) except -1:
    """Notes the resource version that is to be shown; BAIL for one that the readable engine has to look at."""
    cdef const char* text
    cdef Py_ssize_t length
    if not resource_version:
        return OK
    if type(resource_version) is not str or not resource_version.isascii():
        return BAIL
    text = PyUnicode_AsUTF8AndSize(resource_version, &length)
    # What reads blocks of 16 bytes may read as many behind it.
    if length > <Py_ssize_t>sizeof(work.version) - 16:
        return BAIL
    memcpy(work.version, text, length)
    work.version_length = <int>length
    return OK


cdef inline const u8* text_start(raw):
    return <const u8*>PyBytes_AS_STRING(raw)


cdef inline const u8* text_end(raw):
    return <const u8*>PyBytes_AS_STRING(raw) + PyBytes_GET_SIZE(raw)


cdef inline bint is_text(raw) except -1:
    """Whether a value may be stored as JSON."""
    return type(raw) is bytes and PyBytes_GET_SIZE(raw) > 0 and PyBytes_AS_STRING(raw)[0] == c"{"


include "text_roads.pxi"


def storage_to_json(raw, int indent=0, resource_version=""):
    """Stored bytes → JSON, or None. indent: spaces a level, 0 for one line; resource_version: what to show as
    such, where the kind has a place for it."""
    cdef Work work
    cdef Envelope envelope
    cdef Root root
    cdef Message* message
    cdef const u8* head
    cdef size_t head_length
    cdef int status
    memset(&work, 0, sizeof(Work))
    try:
        if is_text(raw):
            status = set_shown(&work, resource_version) or show_text(&work, text_start(raw), text_end(raw), False)
            if status == OK and indent:
                status = indent_json(&work, indent)
            if status == NO_MEMORY:
                raise MemoryError
            return None if status else PyBytes_FromStringAndSize(<const char*>work.out.start, work.out.at - work.out.start)
        root = open_value(raw, resource_version, &work, &envelope)
        if root is None:
            return None
        message = root.message
        head = <const u8*>PyBytes_AS_STRING(root.json)
        head_length = <size_t>PyBytes_GET_SIZE(root.json)
        if envelope.inner_end - envelope.inner >= LONG:
            with nogil:
                status = write_json(&work, &envelope, message, head, head_length)
                if status == OK and indent:
                    status = indent_json(&work, indent)
        else:
            status = write_json(&work, &envelope, message, head, head_length)
            if status == OK and indent:
                status = indent_json(&work, indent)
        if status == NO_MEMORY:
            raise MemoryError
        if status:
            return None
        return PyBytes_FromStringAndSize(<const char*>work.out.start, work.out.at - work.out.start)
    finally:
        work_free(&work)


def storage_to_yaml(raw, resource_version=""):
    """Stored bytes → YAML, or None. resource_version: as for storage_to_json."""
    cdef Work work
    cdef Envelope envelope
    cdef Root root
    cdef Message* message
    cdef RootLines head
    cdef int status
    memset(&work, 0, sizeof(Work))
    try:
        if is_text(raw):
            status = set_shown(&work, resource_version) or show_text(&work, text_start(raw), text_end(raw), True)
            if status == NO_MEMORY:
                raise MemoryError
            return None if status else PyUnicode_DecodeUTF8(<const char*>work.out.start, work.out.at - work.out.start, NULL)
        root = open_value(raw, resource_version, &work, &envelope)
        if root is None:
            return None
        message = root.message
        lines_of(root, &head)
        if envelope.inner_end - envelope.inner >= LONG:
            with nogil:
                status = write_yaml(&work, &envelope, message, &head)
        else:
            status = write_yaml(&work, &envelope, message, &head)
        if status == NO_MEMORY:
            raise MemoryError
        if status:
            return None
        return PyUnicode_DecodeUTF8(<const char*>work.out.start, work.out.at - work.out.start, NULL)
    finally:
        work_free(&work)


include "batch.pxi"
include "objects.pxi"
include "read_objects.pxi"
include "write_objects.pxi"
include "fnv.pxi"
include "revisions.pxi"
