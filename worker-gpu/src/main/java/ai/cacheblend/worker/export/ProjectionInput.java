package ai.cacheblend.worker.export;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * Rows that projections read.
 *
 * @param norm block of the RMS norm that a projection is to apply first; empty: they are as they
 *     should be
 */
record ProjectionInput(String value, Optional<String> norm) {

  ProjectionInput {
    requireNonNull(value, "value is null");
    requireNonNull(norm, "norm is null");
  }

  static ProjectionInput of(String value) {
    return new ProjectionInput(value, Optional.empty());
  }
}
