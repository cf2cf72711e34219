"""`import lockstep.chainer`, and from then on `import chainer` works next to today's Python and NumPy.

So do imports of its parts at any later time, such as `chainer.testing`. Nothing is imported here: this module is not
Chainer, and Chainer need not be installed for it.
"""

from lockstep.neighbours import check_neighbours

check_neighbours()

from backends.compatibility.chainer import install_stand_ins  # noqa: E402 (only once it is Lockstep's)

install_stand_ins()
