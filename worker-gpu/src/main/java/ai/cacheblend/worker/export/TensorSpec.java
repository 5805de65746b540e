package ai.cacheblend.worker.export;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;

/** A tensor that the model needs, by its name in the checkpoint. */
record TensorSpec(String name, List<Integer> shape, Role role) {

  /** What random weights need to know of a tensor. */
  enum Role {
    MATRIX,
    NORM,
    BIAS
  }

  TensorSpec {
    requireNonNull(name, "name is null");
    requireNonNull(role, "role is null");
    shape = List.copyOf(shape);
    checkArgument(!shape.isEmpty(), "%s has no dimensions", name);
  }

  long elementCount() {
    return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }
}
