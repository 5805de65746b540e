package ai.cacheblend.worker.export.weights;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * A tensor that the model needs, by its name in the checkpoint.
 *
 * @param headRows order of the rows in the weights file; empty: as in the checkpoint
 */
public record TensorSpec(String name, List<Integer> shape, Role role, Optional<HeadRows> headRows) {

  /** Decides which values random weights give a tensor. */
  public enum Role {
    MATRIX,
    NORM,
    /** A norm that multiplies by 1 + its numbers. */
    ZERO_CENTERED_NORM,
    BIAS
  }

  public TensorSpec {
    requireNonNull(name, "name is null");
    requireNonNull(role, "role is null");
    requireNonNull(headRows, "headRows is null");
    shape = List.copyOf(shape);
    checkArgument(!shape.isEmpty(), "%s has no dimensions", name);
  }

  public static TensorSpec matrix(String name, int rows, int columns) {
    return new TensorSpec(name, List.of(rows, columns), Role.MATRIX, Optional.empty());
  }

  public static TensorSpec norm(String name, int size) {
    return new TensorSpec(name, List.of(size), Role.NORM, Optional.empty());
  }

  public static TensorSpec bias(String name, int size) {
    return new TensorSpec(name, List.of(size), Role.BIAS, Optional.empty());
  }

  /** The same tensor, for a norm that multiplies by 1 + its numbers. */
  TensorSpec zeroCentered() {
    checkArgument(role == Role.NORM, "%s is no norm", name);
    return new TensorSpec(name, shape, Role.ZERO_CENTERED_NORM, headRows);
  }

  /** The same tensor under another name. */
  TensorSpec named(String otherName) {
    return new TensorSpec(otherName, shape, role, headRows);
  }

  /** The same with other rows for heads that are rotated in part. */
  TensorSpec withHeadRows(Optional<HeadRows> rows) {
    return new TensorSpec(name, shape, role, rows);
  }

  long elementCount() {
    return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }
}
