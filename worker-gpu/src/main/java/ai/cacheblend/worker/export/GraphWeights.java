package ai.cacheblend.worker.export;

import ai.cacheblend.worker.export.OnnxGraph.Attribute;
import ai.cacheblend.worker.model.ModelManifest;
import ai.cacheblend.worker.model.WeightBlock;
import java.util.ArrayList;
import java.util.List;

/** Linear layers and norms over the blocks of the weights file, or over some rows of a block. */
final class GraphWeights {

  private final OnnxGraph graph;
  private final ModelManifest manifest;

  GraphWeights(OnnxGraph graph, ModelManifest manifest) {
    this.graph = graph;
    this.manifest = manifest;
  }

  String whole(String block) {
    return graph.weight(manifest.weight(block));
  }

  /** {@code x · block^T}, plus the block's bias where the model has one. */
  String linear(String output, String x, String block, boolean bias) {
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
      String x,
      String block,
      String slice,
      int firstRow,
      int rowCount,
      boolean bias) {
    List<String> inputs = new ArrayList<>(List.of(x, rows(block, slice, firstRow, rowCount)));
    if (bias) {
      inputs.add(rows(WeightNames.bias(block), slice, firstRow, rowCount));
    }
    return graph.standard("Gemm", output, inputs, Attribute.of("transB", 1));
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
