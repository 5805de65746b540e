package ai.cacheblend.worker.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What steps return. Each output is a copy from the device that the host waits for, so a step asks
 * for what it is asked for and no more. Single thread.
 */
final class GraphOutputs implements AutoCloseable {

  /** Every step writes here: no tensor is made, described to Java and freed for each token. */
  private final LongBuffer nextTokenId =
      ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder()).asLongBuffer();

  private final OnnxTensor nextToken;
  private final Map<String, OnnxTensor> given;

  GraphOutputs(OrtEnvironment environment) throws OrtException {
    nextToken = OnnxTensor.createTensor(environment, nextTokenId, new long[] {1});
    given = Map.of(GraphContract.NEXT_TOKEN_IDS, nextToken);
  }

  /** Outputs with memory of their own, which every step has. */
  Map<String, OnnxTensor> given() {
    return given;
  }

  /** The others. */
  static Set<String> wanted(StepInput input) {
    Set<String> names = new LinkedHashSet<>();
    if (input.wantsLogits()) {
      names.add(GraphContract.LOGITS);
    }
    if (input.wantsPositions()) {
      names.add(GraphContract.ACTIVE_POSITIONS);
    }
    for (int layer : input.scoredLayers()) {
      names.add(GraphContract.scoredPositions(layer));
      names.add(GraphContract.scores(layer));
    }
    return names;
  }

  StepOutput read(OrtSession.Result result, StepInput input) throws OrtException {
    List<LayerScores> layerScores = new ArrayList<>();
    for (int layer : input.scoredLayers()) {
      layerScores.add(layerScores(result, layer));
    }
    return new StepOutput(
        (int) nextTokenId.get(0),
        input.wantsLogits()
            ? Optional.of(Logits.of(floats(result, GraphContract.LOGITS)))
            : Optional.empty(),
        input.wantsPositions()
            ? ints(longs(result, GraphContract.ACTIVE_POSITIONS))
            : ImmutableIntArray.of(),
        layerScores);
  }

  /** The graph gives −1 to forced rows; they have no score. */
  private static LayerScores layerScores(OrtSession.Result result, int layer) throws OrtException {
    LongBuffer positions = longs(result, GraphContract.scoredPositions(layer));
    float[] scores = floats(result, GraphContract.scores(layer));
    ImmutableIntArray.Builder scoredPositions = ImmutableIntArray.builder();
    ImmutableDoubleArray.Builder values = ImmutableDoubleArray.builder();
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] >= 0) {
        scoredPositions.add((int) positions.get(i));
        values.add(scores[i]);
      }
    }
    return new LayerScores(layer, scoredPositions.build(), values.build());
  }

  private static LongBuffer longs(OrtSession.Result result, String name) {
    return tensor(result, name).getLongBuffer();
  }

  private static float[] floats(OrtSession.Result result, String name) {
    FloatBuffer buffer = tensor(result, name).getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  private static OnnxTensor tensor(OrtSession.Result result, String name) {
    return (OnnxTensor)
        result
            .get(name)
            .orElseThrow(() -> new ModelFailureException("the graph has no output " + name));
  }

  private static ImmutableIntArray ints(LongBuffer values) {
    ImmutableIntArray.Builder ints = ImmutableIntArray.builder(values.remaining());
    while (values.hasRemaining()) {
      ints.add((int) values.get());
    }
    return ints.build();
  }

  @Override
  public void close() {
    nextToken.close();
  }
}
