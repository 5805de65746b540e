package ai.cacheblend.worker.export.lowering;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * Rows that projections read.
 *
 * @param norm block of the RMS norm that the projection applies to the rows first; empty: none
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
