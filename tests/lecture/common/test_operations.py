"""Operations are counted as they are made, and nothing but them."""

import torch

from pgpipe.lecture.common.operations import OperationCount


def counted(compute):
    with OperationCount() as count:
        compute()
    return count.total


def test_a_product_of_matrices_counts_its_multiplications_and_additions():
    x, y = torch.ones(3, 4), torch.ones(4, 5)
    assert counted(lambda: x @ y) == 2 * 3 * 4 * 5


def test_everything_else_counts_one_for_each_number_it_makes():
    x = torch.ones(3, 4)
    assert counted(lambda: x.tanh()) == 12
    assert counted(lambda: x.sum(1)) == 3
    assert counted(lambda: x.tanh().sum()) == 13


def test_views_and_whole_numbers_are_free():
    x = torch.ones(3, 4)
    assert counted(lambda: x.T[1:]) == 0
    assert counted(lambda: torch.arange(7)) == 0


def test_the_backward_pass_counts():
    x = torch.ones(3, 4, requires_grad=True)
    once = counted(lambda: x.tanh().sum())
    assert counted(lambda: torch.autograd.grad(x.tanh().sum(), x)) > once + 12
