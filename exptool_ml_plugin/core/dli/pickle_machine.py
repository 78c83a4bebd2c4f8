"""Follows the operations of a pickle; imports nothing and calls nothing that a file names."""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .pickled_values import Array, Dtype, Inert, RefusedError, finished, made, named

MAX_OPERATIONS = 20_000_000
MAX_STACK = 50_000
"""Values waiting to be put together; a real file has hundreds, and as many as its longest list."""
MAX_MARKS = 100
"""Depth of containers within each other; a real file has about ten."""

_KEYS = (str, bytes, int, float, bool, type(None))


class PickleMachine:
    """The stack, the marks and the memo of one pickle."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}
        self._depths: dict[int, int] = {}
        self._position = 0
        self._copied = 0

    def read(self, file: Any) -> Any:
        """Follow the operations to the end."""
        stack, pushed = self._stack, _PUSHES_ARGUMENT
        argument: Any
        for count, (operation, argument, position) in enumerate(pickletools.genops(file)):
            name, self._position = operation.name, position or 0
            if count > MAX_OPERATIONS:
                raise RefusedError("too many operations")
            if name in pushed:
                stack.append(argument)
            elif name in _MEMO_PUTS:
                self._memo[len(self._memo) if name == "MEMOIZE" else argument] = stack[-1]
            elif name in _MEMO_GETS:
                stack.append(self._memo[argument])
            elif name == "STOP":
                return finished(self._pop())
            else:
                step = _STEPS.get(name)
                if step is None:
                    raise RefusedError(f"the operation {name}")
                step(self, argument)
            if len(stack) > MAX_STACK or len(self._marks) > MAX_MARKS:
                raise RefusedError("values nested too deeply")
        raise RefusedError("no end")

    def _pop(self) -> Any:
        if not self._stack or (self._marks and len(self._stack) <= self._marks[-1]):
            raise RefusedError("a value missing")
        return self._stack.pop()

    def _pop_to_mark(self) -> list[Any]:
        if not self._marks:
            raise RefusedError("a mark missing")
        start = self._marks.pop()
        items = self._stack[start:]
        del self._stack[start:]
        return [finished(item) for item in items]

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _do_mark(self, _: Any) -> None:
        self._marks.append(len(self._stack))

    def _do_drop(self, _: Any) -> None:
        self._pop()

    def _do_drop_to_mark(self, _: Any) -> None:
        self._pop_to_mark()

    def _do_duplicate(self, _: Any) -> None:
        self._push(self._stack[-1])

    def _do_tuple_of_mark(self, _: Any) -> None:
        items = tuple(self._pop_to_mark())
        self._push_within(items, items)

    def _do_list_of_mark(self, _: Any) -> None:
        items = self._pop_to_mark()
        self._push_within(items, items)

    def _do_dict_of_mark(self, _: Any) -> None:
        found: dict[Any, Any] = {}
        items = self._pop_to_mark()
        _set_items(found, items)
        self._push_within(found, items[1::2])

    def _do_short_tuple(self, size: int) -> None:
        items = tuple(reversed([finished(self._pop()) for _ in range(size)]))
        self._push_within(items, items)

    def _do_append(self, _: Any) -> None:
        item = finished(self._pop())
        self._list().append(item)
        self._note_depth(self._stack[-1], item)

    def _do_appends(self, _: Any) -> None:
        items = self._pop_to_mark()
        self._list().extend(items)
        for item in items:
            self._note_depth(self._stack[-1], item)

    def _do_set_item(self, _: Any) -> None:
        value, key = finished(self._pop()), self._pop()
        _set_items(self._dict(), [key, value])
        self._note_depth(self._stack[-1], value)

    def _do_set_items(self, _: Any) -> None:
        items = self._pop_to_mark()
        _set_items(self._dict(), items)
        for value in items[1::2]:
            self._note_depth(self._stack[-1], value)

    def _do_name(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self._push(named(module, name))

    def _do_name_of_stack(self, _: Any) -> None:
        name, module = self._pop(), self._pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise RefusedError("a name that is no text")
        self._push(named(module, name))

    def _do_call(self, _: Any) -> None:
        arguments, name = self._pop(), self._pop()
        value = made(name, arguments)
        if isinstance(value, (bytes, np.ndarray)):
            self._count_copy(value)
        self._push_within(value, ())

    def _do_new_object(self, _: Any) -> None:
        arguments, name = self._pop(), self._pop()
        value = made(name, arguments)
        if not isinstance(value, (Inert, dict)):
            raise RefusedError(f"an object of {name}")
        self._push_within(value, ())

    def _do_build(self, _: Any) -> None:
        state = finished(self._pop())
        target = self._stack[-1] if self._stack else None
        if isinstance(target, (Array, Dtype)):
            target.set_state(state)
        elif isinstance(target, Inert):
            target.state = state
            self._note_depth(target, state)
        else:
            raise RefusedError("a state of something that has none")

    def _list(self) -> list[Any]:
        if not self._stack or not isinstance(self._stack[-1], list):
            raise RefusedError("an item of something that is no list")
        return self._stack[-1]

    def _dict(self) -> dict[Any, Any]:
        if not self._stack or not isinstance(self._stack[-1], dict):
            raise RefusedError("an entry of something that is no dictionary")
        return self._stack[-1]

    def _count_copy(self, value: Any) -> None:
        """Refuse a file that has the same bytes copied again and again: copies are never more than was read."""
        self._copied += len(value) if isinstance(value, bytes) else int(getattr(value, "nbytes", 0))
        if self._copied > self._position:
            raise RefusedError("more bytes than it has")

    def _push_within(self, outer: Any, items: Iterable[Any]) -> None:
        """Push a new value that holds `items`."""
        self._push(outer)
        self._depths[id(outer)] = 1  # an earlier value may have had this identity
        for item in items:
            self._note_depth(outer, item)

    def _note_depth(self, outer: Any, inner: Any) -> None:
        """Refuse containers that lie within each other deeper than any real file has them."""
        if isinstance(inner, (list, dict, tuple, Inert)):
            depth = self._depths.get(id(inner), 1) + 1
            if depth > MAX_MARKS:
                raise RefusedError("values nested too deeply")
            if depth > self._depths.get(id(outer), 1):
                self._depths[id(outer)] = depth


def _set_items(target: dict[Any, Any], items: list[Any]) -> None:
    if len(items) % 2:
        raise RefusedError("a key without a value")
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, _KEYS):
            raise RefusedError("a key that is no text and no number")
        target[key] = value


def _constant(value: Any) -> Callable[[PickleMachine, Any], None]:
    return lambda reader, _: reader._push(value)


_PUSHES_ARGUMENT = frozenset(
    [
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "STRING", "BINSTRING", "SHORT_BINSTRING"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    ]
)
_MEMO_PUTS = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"})
_MEMO_GETS = frozenset({"GET", "BINGET", "LONG_BINGET"})
_STEPS: dict[str, Callable[[PickleMachine, Any], None]] = {
    "PROTO": lambda reader, _: None,
    "FRAME": lambda reader, _: None,
    "NONE": _constant(None),
    "NEWTRUE": _constant(True),
    "NEWFALSE": _constant(False),
    "EMPTY_LIST": lambda reader, _: reader._push_within([], ()),
    "EMPTY_DICT": lambda reader, _: reader._push_within({}, ()),
    "EMPTY_TUPLE": _constant(()),
    "MARK": PickleMachine._do_mark,
    "POP": PickleMachine._do_drop,
    "POP_MARK": PickleMachine._do_drop_to_mark,
    "DUP": PickleMachine._do_duplicate,
    "TUPLE": PickleMachine._do_tuple_of_mark,
    "TUPLE1": lambda reader, _: reader._do_short_tuple(1),
    "TUPLE2": lambda reader, _: reader._do_short_tuple(2),
    "TUPLE3": lambda reader, _: reader._do_short_tuple(3),
    "LIST": PickleMachine._do_list_of_mark,
    "DICT": PickleMachine._do_dict_of_mark,
    "APPEND": PickleMachine._do_append,
    "APPENDS": PickleMachine._do_appends,
    "SETITEM": PickleMachine._do_set_item,
    "SETITEMS": PickleMachine._do_set_items,
    "GLOBAL": PickleMachine._do_name,
    "STACK_GLOBAL": PickleMachine._do_name_of_stack,
    "REDUCE": PickleMachine._do_call,
    "NEWOBJ": PickleMachine._do_new_object,
    "BUILD": PickleMachine._do_build,
}
"""What the operations do; those that run code or refer to anything outside the file are missing."""
