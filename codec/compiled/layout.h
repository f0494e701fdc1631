/* Where an instance holds an attribute: the offset of a member descriptor, which both msgspec's structs and classes
 * with __slots__ have for each of theirs. And where a str of ASCII alone holds its characters. */

#ifndef CODEC_LAYOUT_H
#define CODEC_LAYOUT_H

#include <Python.h>
#include <string.h>
#include <structmember.h>

/* The offset of an attribute that holds a plain object, -1 for anything else. */
static Py_ssize_t codec_offset(PyObject *descriptor) {
    if (!PyObject_TypeCheck(descriptor, &PyMemberDescr_Type)) return -1;
    const PyMemberDef *member = ((PyMemberDescrObject *)descriptor)->d_member;
    return member->type == T_OBJECT_EX && !(member->flags & READONLY) ? member->offset : -1;
}

/* Whether a value is just a str, no subclass, of ASCII alone: its UTF-8 is then what it holds. */
static inline int codec_is_ascii(PyObject *value) {
    return PyUnicode_CheckExact(value) && PyUnicode_IS_COMPACT_ASCII(value);
}

/* The characters of such a str. */
static inline unsigned char *codec_ascii(PyObject *value) {
    return (unsigned char *)((PyASCIIObject *)value + 1);
}

static inline Py_ssize_t codec_ascii_length(PyObject *value) { return ((PyASCIIObject *)value)->length; }

/* -1 where an exception is set, else 0. */
static inline int codec_raised(void) { return PyErr_Occurred() != NULL ? -1 : 0; }

#endif
