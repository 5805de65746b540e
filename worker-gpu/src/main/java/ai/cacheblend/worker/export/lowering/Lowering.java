package ai.cacheblend.worker.export.lowering;

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

  /** A projection whose output is added to the residual stream. */
  Hidden projectOntoResidual(
      String name, ProjectionInput x, Projection projection, String residual);

  /** {@code silu(gate) · up}; the block holds the gate's rows, then the rows of up. */
  String gatedUnit(String prefix, ProjectionInput x, String gateUpBlock, boolean hasBias);

  /** Final norm, output layer and argmax: the graph outputs {@code logits, next_token_ids}. */
  void outputLayer(Hidden hidden, String outputBlock);
}
