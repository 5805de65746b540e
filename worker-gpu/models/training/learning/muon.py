"""Muon (Jordan et al., 2024): momentum with an update that Newton-Schulz steps make nearly orthogonal."""
import torch

_COEFFICIENTS = 3.4445, -4.7750, 2.0315
_STEPS = 5


class Muon:
    """Matrices of the same shape are updated in one batch."""

    def __init__(self, matrices, momentum=.95, weight_decay=.01):
        self._by_shape = {}
        for matrix in matrices:
            self._by_shape.setdefault(tuple(matrix.shape), []).append(matrix)
        self._momentum, self._weight_decay = momentum, weight_decay
        self.reset()

    def reset(self):
        self._averages = {shape: torch.zeros((len(group),) + shape, device=group[0].device) for shape, group in self._by_shape.items()}

    @torch.no_grad()
    def step(self, learning_rate):
        for shape, matrices in self._by_shape.items():
            gradient, average = torch.stack([matrix.grad for matrix in matrices]), self._averages[shape]
            average.lerp_(gradient, 1 - self._momentum)
            update = _orthogonal(gradient.lerp(average, self._momentum))
            scale = learning_rate * max(1, shape[0] / shape[1]) ** .5
            torch._foreach_mul_(matrices, 1 - learning_rate * self._weight_decay)
            torch._foreach_add_(matrices, list(update.unbind(0)), alpha=-scale)


def _orthogonal(x):  # [matrices, rows, columns]
    a, b, c = _COEFFICIENTS
    x = x.bfloat16() if x.is_cuda else x
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(_STEPS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).float()
