package ai.cacheblend.worker.export.weights;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;

/** A tensor that the model needs, by its name in the checkpoint. */
public record TensorSpec(String name, List<Integer> shape, Role role) {

  /** Decides which values random weights give a tensor. */
  public enum Role {
    MATRIX,
    NORM,
    BIAS
  }

  public TensorSpec {
    requireNonNull(name, "name is null");
    requireNonNull(role, "role is null");
    shape = List.copyOf(shape);
    checkArgument(!shape.isEmpty(), "%s has no dimensions", name);
  }

  public static TensorSpec matrix(String name, int rows, int columns) {
    return new TensorSpec(name, List.of(rows, columns), Role.MATRIX);
  }

  public static TensorSpec norm(String name, int size) {
    return new TensorSpec(name, List.of(size), Role.NORM);
  }

  public static TensorSpec bias(String name, int size) {
    return new TensorSpec(name, List.of(size), Role.BIAS);
  }

  long elementCount() {
    return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }
}
