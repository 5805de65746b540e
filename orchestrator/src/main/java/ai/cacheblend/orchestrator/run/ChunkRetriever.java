package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.dataset.QualitySample;
import ai.cacheblend.orchestrator.plan.PlanException;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Chooses the chunks whose embeddings have the smallest L2 distance to that of the question, as in
 * the evaluation of the CacheBlend paper (arXiv 2405.16444). The order is random: a function of the
 * seed and the id of the sample.
 */
final class ChunkRetriever {
  private final TextEncoder encoder;
  private final TokenPieces.Detokenizer detokenizer;
  private final int count;
  private final long seed;

  /** Embeddings by token ids: documents occur in many samples. */
  private final Map<ImmutableIntArray, float[]> known = new HashMap<>();

  ChunkRetriever(TextEncoder encoder, TokenPieces.Detokenizer detokenizer, int count, long seed) {
    this.encoder = encoder;
    this.detokenizer = detokenizer;
    this.count = count;
    this.seed = seed;
  }

  /**
   * Indices of the chosen chunks, in the order of the prompt.
   *
   * @throws PlanException if the sample has no question
   */
  List<Integer> choose(QualitySample sample, List<ImmutableIntArray> chunks) {
    PlanException.require(
        !sample.question().isBlank(),
        "retrieve chooses chunks by the question, and sample "
            + sample.id()
            + " has none; leave --retrieve out");
    learn(chunks);
    float[] question = encoder.embed(sample.question());
    double[] distances =
        chunks.stream().mapToDouble(chunk -> squaredDistance(known.get(chunk), question)).toArray();
    List<Integer> nearest =
        new ArrayList<>(
            IntStream.range(0, chunks.size())
                .boxed()
                .sorted(Comparator.comparingDouble(index -> distances[index]))
                .limit(count)
                .toList());
    Collections.shuffle(nearest, new Random(orderSeed(sample)));
    return nearest;
  }

  private long orderSeed(QualitySample sample) {
    return Hashing.sha256()
        .newHasher()
        .putLong(seed)
        .putString(sample.id(), StandardCharsets.UTF_8)
        .hash()
        .asLong();
  }

  private void learn(List<ImmutableIntArray> chunks) {
    List<ImmutableIntArray> unknown =
        chunks.stream().distinct().filter(chunk -> !known.containsKey(chunk)).toList();
    if (unknown.isEmpty()) {
      return;
    }
    List<String> texts = detokenizer.texts(unknown);
    for (int i = 0; i < unknown.size(); i++) {
      known.put(unknown.get(i), encoder.embed(texts.get(i)));
    }
  }

  private static double squaredDistance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = a[i] - b[i];
      sum += difference * difference;
    }
    return sum;
  }
}
