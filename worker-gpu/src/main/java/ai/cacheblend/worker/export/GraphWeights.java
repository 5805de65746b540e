package ai.cacheblend.worker.export;

import static com.google.common.base.Preconditions.checkState;

import ai.cacheblend.worker.export.OnnxGraph.Attribute;
import ai.cacheblend.worker.model.ModelDtype;
import ai.cacheblend.worker.model.ModelManifest;
import ai.cacheblend.worker.model.WeightBlock;
import com.google.common.collect.Iterables;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Linear layers and norms over the blocks of the weights file, or over some rows of a block. */
final class GraphWeights {

  private final OnnxGraph graph;
  private final ModelManifest manifest;

  /** Projections in 16 bits take in what stands around them. */
  private final boolean fused;

  GraphWeights(OnnxGraph graph, ModelManifest manifest) {
    this.graph = graph;
    this.manifest = manifest;
    this.fused = manifest.dtype() != ModelDtype.FP32;
  }

  boolean fused() {
    return fused;
  }

  String whole(String block) {
    return graph.weight(manifest.weight(block));
  }

  /** Rows of a table, as an int64 list names them. */
  String takeRows(String output, String table, String rows) {
    return fused
        ? graph.node(OnnxGraph.CACHEBLEND, "TakeRows", output, List.of(table, rows))
        : graph.standard("Gather", output, List.of(table, rows));
  }

  /** {@code x · block^T}, plus the block's bias where the model has one. */
  String linear(String output, ProjectionInput x, String block, boolean bias) {
    int rows = manifest.weight(block).rowCount();
    return linear(output, x, block, "", 0, rows, bias);
  }

  /**
   * The same with rows {@code [firstRow, firstRow + rowCount)} of the block, an initializer of its
   * own over the same bytes.
   *
   * @param slice what tells it from other slices of the block
   */
  String linear(
      String output,
      ProjectionInput x,
      String block,
      String slice,
      int firstRow,
      int rowCount,
      boolean bias) {
    String weight = rows(block, slice, firstRow, rowCount);
    Optional<String> biasRows =
        bias
            ? Optional.of(rows(WeightNames.bias(block), slice, firstRow, rowCount))
            : Optional.empty();
    if (fused) {
      return fused(output, x, weight, biasRows, "", false);
    }
    checkState(x.norm().isEmpty(), "Gemm has no norm before it");
    List<String> inputs = new ArrayList<>(List.of(x.value(), weight));
    biasRows.ifPresent(inputs::add);
    return graph.standard("Gemm", output, inputs, Attribute.of("transB", 1));
  }

  /** {@code x · block^T + residual} by the op that stands for all of a projection. */
  String linearOntoResidual(
      String output, ProjectionInput x, String block, boolean bias, String residual) {
    return fused(output, x, whole(block), biasOf(block, bias), residual, false);
  }

  /**
   * {@code silu(gate) · up}, where rows of the block are the gate's, then up's; by that op, too.
   */
  String gatedLinear(String output, ProjectionInput x, String block, boolean bias) {
    return fused(output, x, whole(block), biasOf(block, bias), "", true);
  }

  private Optional<String> biasOf(String block, boolean bias) {
    return bias ? Optional.of(whole(WeightNames.bias(block))) : Optional.empty();
  }

  private String fused(
      String output,
      ProjectionInput x,
      String weight,
      Optional<String> bias,
      String residual,
      boolean gated) {
    List<String> inputs =
        new ArrayList<>(
            List.of(
                x.value(),
                weight,
                bias.orElse(""),
                x.norm().map(this::whole).orElse(""),
                residual));
    while (Iterables.getLast(inputs).isEmpty()) {
      inputs.remove(inputs.size() - 1);
    }
    return graph.node(
        OnnxGraph.CACHEBLEND,
        "Linear",
        output,
        inputs,
        Attribute.of("gated", gated ? 1 : 0),
        epsilon());
  }

  private String rows(String blockName, String slice, int firstRow, int rowCount) {
    WeightBlock block = manifest.weight(blockName);
    return graph.weight(
        rowCount == block.rowCount()
            ? block
            : block.rows(blockName + "." + slice, firstRow, rowCount));
  }

  /** RMS norm over the last dimension. */
  String norm(String output, String x, String block) {
    return graph.standard(
        "SimplifiedLayerNormalization",
        output,
        List.of(x, whole(block)),
        Attribute.of("axis", -1),
        epsilon(),
        Attribute.of("stash_type", 1));
  }

  /**
   * RMS norm of {@code x + residual}; the sum becomes the value {@code sum}, unless it is empty.
   */
  void normOfSum(String output, String sum, String x, String residual, String block) {
    graph.node(
        OnnxGraph.MICROSOFT,
        "SkipSimplifiedLayerNormalization",
        sum.isEmpty() ? List.of(output) : List.of(output, "", "", sum),
        List.of(x, residual, whole(block)),
        epsilon());
  }

  private Attribute epsilon() {
    return Attribute.of("epsilon", (float) manifest.config().normEpsilon());
  }
}
