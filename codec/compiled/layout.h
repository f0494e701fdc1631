/* Where an instance holds an attribute: the offset of a member descriptor, which both msgspec's structs and classes
 * with __slots__ have for each of theirs. */

#ifndef CODEC_LAYOUT_H
#define CODEC_LAYOUT_H

#include <Python.h>
#include <structmember.h>

/* The offset of an attribute that holds a plain object, -1 for anything else. */
static Py_ssize_t codec_offset(PyObject *descriptor) {
    if (!PyObject_TypeCheck(descriptor, &PyMemberDescr_Type)) return -1;
    const PyMemberDef *member = ((PyMemberDescrObject *)descriptor)->d_member;
    return member->type == T_OBJECT_EX && !(member->flags & READONLY) ? member->offset : -1;
}

#endif
