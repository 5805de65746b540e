package ai.cacheblend.worker.export.lowering;

import ai.cacheblend.worker.model.DecoderTraits.Activation;
import java.util.Optional;

/** Turns the sublayers of a decoder into nodes: one implementation per set of operators. */
interface Lowering {

  /** Rows of a table, selected by an int64 list. */
  String takeRows(String output, String table, String rows);

  /**
   * A residual with as many rows as another value, the first ones, for {@link
   * #projectOntoResidual}.
   */
  String firstRows(String output, String residual, String like);

  /** A projection of its own. */
  String project(String output, ProjectionInput x, Projection projection);

  /**
   * The RMS norm before a sublayer.
   *
   * @param shared several projections read the normed rows
   */
  NormedRows norm(String name, Hidden hidden, String block, boolean shared);

  /** RMS norm of each head, [rows, heads · size] to the same shape. */
  String headNorm(String name, String x, int heads, String block);

  /**
   * A projection whose output is added to the residual stream.
   *
   * @param outputNorm block of the RMS norm of the output; empty: none
   */
  Hidden projectOntoResidual(
      String name,
      ProjectionInput x,
      Projection projection,
      Optional<String> outputNorm,
      String residual);

  /** {@code activation(gate) · up}; the block holds the gate's rows, then the rows of up. */
  String gatedUnit(
      String prefix, ProjectionInput x, String gateUpBlock, boolean hasBias, Activation activation);

  /**
   * Final norm and output layer.
   *
   * @param output the logits as fp32
   * @return the logits in the compute type
   */
  String logits(String output, Hidden hidden, String outputBlock);
}
