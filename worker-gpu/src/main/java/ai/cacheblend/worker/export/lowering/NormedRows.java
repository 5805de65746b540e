package ai.cacheblend.worker.export.lowering;

import static java.util.Objects.requireNonNull;

/**
 * The residual stream before a sublayer.
 *
 * @param input the rows as the sublayer's projections read them
 * @param residual the stream itself, everything added
 */
record NormedRows(ProjectionInput input, String residual) {

  NormedRows {
    requireNonNull(input, "input is null");
    requireNonNull(residual, "residual is null");
  }
}
