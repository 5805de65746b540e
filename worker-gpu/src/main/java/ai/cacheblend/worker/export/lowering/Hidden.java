package ai.cacheblend.worker.export.lowering;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * The residual stream [R, hidden size].
 *
 * @param pending output of the last sublayer that is not added to the residual yet; empty: all is
 */
record Hidden(String residual, Optional<String> pending) {

  Hidden {
    requireNonNull(residual, "residual is null");
    requireNonNull(pending, "pending is null");
  }

  static Hidden of(String residual) {
    return new Hidden(residual, Optional.empty());
  }
}
