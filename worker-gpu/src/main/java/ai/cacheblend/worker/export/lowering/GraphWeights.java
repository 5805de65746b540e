package ai.cacheblend.worker.export.lowering;

import ai.cacheblend.worker.export.lowering.OnnxGraph.Attribute;
import ai.cacheblend.worker.model.ModelManifest;
import ai.cacheblend.worker.model.WeightBlock;
import java.util.Optional;

/** Blocks of the weights file, or rows of them, as initializers of the graph. */
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

  int rowCount(String block) {
    return manifest.weight(block).rowCount();
  }

  /** The weight of a projection; slices are initializers of their own over the same bytes. */
  String weight(Projection projection) {
    WeightBlock block = manifest.weight(projection.block());
    if (projection.slice().isEmpty()) {
      return graph.weight(block);
    }
    return graph.weight(
        block.rows(
            projection.block() + "." + projection.slice(),
            projection.firstRow(),
            projection.rowCount()));
  }

  Optional<String> bias(Projection projection) {
    return projection.hasBias() ? Optional.of(weight(projection.bias())) : Optional.empty();
  }

  Attribute epsilon() {
    return Attribute.of("epsilon", (float) manifest.config().normEpsilon());
  }

  /** See {@code DecoderTraits.normOffset}. */
  float normOffset() {
    return manifest.config().decoder().normOffset().orElse(0.0).floatValue();
  }
}
