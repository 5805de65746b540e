package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.dataset.PromptPart;
import ai.cacheblend.orchestrator.dataset.QualitySample;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.Retrieved;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Tokenizes samples, part by part, and prepends the BOS token if the model has one. Cuts documents
 * into chunks, and retrieves some of these if the plan says so. Documents, or retrieved chunks,
 * that do not fit into the limit of the workers are omitted, from the middle.
 */
final class QualityPrompts implements AutoCloseable {
  private final Fleet fleet;
  private final int maxNewTokens;
  private final OptionalInt chunkTokens;
  private final boolean hasPrefix;
  private final Optional<TextEncoder> encoder;
  private final Optional<ChunkRetriever> retriever;

  /** Token ids by text: few-shot examples occur in every prompt. */
  private final Map<String, ImmutableIntArray> known = new HashMap<>();

  /**
   * @param encoders opens the encoder of a plan with retrieval; it is closed with this
   */
  QualityPrompts(Fleet fleet, QualityPlan plan, Supplier<TextEncoder> encoders) {
    this(
        fleet,
        plan.prompt(),
        plan.maxNewTokens(),
        plan.chunkTokens(),
        plan.retrieval().map(retrieval -> encoders.get()),
        encoder ->
            new ChunkRetriever(
                encoder,
                fleet.first().client()::detokenize,
                plan.retrieval().orElseThrow().count(),
                plan.seed()));
  }

  /** Without retrieval. */
  QualityPrompts(Fleet fleet, PromptTemplate prompt, int maxNewTokens, OptionalInt chunkTokens) {
    this(
        fleet,
        prompt,
        maxNewTokens,
        chunkTokens,
        Optional.empty(),
        encoder -> {
          throw new IllegalStateException("no encoder was given");
        });
  }

  private QualityPrompts(
      Fleet fleet,
      PromptTemplate prompt,
      int maxNewTokens,
      OptionalInt chunkTokens,
      Optional<TextEncoder> encoder,
      Function<TextEncoder, ChunkRetriever> retriever) {
    this.fleet = fleet;
    this.maxNewTokens = maxNewTokens;
    this.chunkTokens = chunkTokens;
    this.hasPrefix = !(prompt.start() + prompt.prefix()).isEmpty();
    this.encoder = encoder;
    this.retriever = encoder.map(retriever);
  }

  /**
   * The prompt of a sample. It exceeds the limit of the workers only if it does so without
   * documents; a worker then rejects it, and the sample is invalid.
   */
  PreparedSample prepare(QualitySample sample) {
    learn(sample);
    List<Unit> units = documents(sample);
    Optional<Retrieved> retrieved = Optional.empty();
    if (retriever.isPresent()) {
      List<Unit> candidates = units.stream().flatMap(unit -> cut(unit).stream()).toList();
      units = retrieve(retriever.get(), sample, candidates);
      retrieved = Optional.of(retrieved(sample, candidates, units));
    }
    int before = units.size();
    leaveOut(units, sample);
    List<PromptSegment> segments = new ArrayList<>();
    fleet
        .bosTokenId()
        .ifPresent(bos -> segments.add(new PromptSegment(ImmutableIntArray.of(bos), false)));
    if (hasPrefix) {
      addChunks(segments, unit(sample, 0));
    }
    units.forEach(unit -> addChunks(segments, unit));
    segments.add(new PromptSegment(unit(sample, sample.parts().size() - 1).ids, false));
    return new PreparedSample(
        sample, segments, sample.documentsLeftOut() + before - units.size(), retrieved);
  }

  /**
   * What is in a prompt or not: a document, or a chunk of one.
   *
   * @param part index of the document among the parts of the sample
   */
  private record Unit(ImmutableIntArray ids, int part) {}

  private Unit unit(QualitySample sample, int part) {
    return new Unit(known.get(sample.parts().get(part).text()), part);
  }

  /** The parts of a sample are the prefix, if there is one, the documents, and the question. */
  private List<Unit> documents(QualitySample sample) {
    List<Unit> documents = new ArrayList<>();
    for (int part = hasPrefix ? 1 : 0; part < sample.parts().size() - 1; part++) {
      documents.add(unit(sample, part));
    }
    return documents;
  }

  private List<Unit> cut(Unit document) {
    int length = document.ids.length();
    int step = chunkTokens.orElse(length);
    List<Unit> chunks = new ArrayList<>();
    for (int begin = 0; begin < length; begin += step) {
      chunks.add(
          new Unit(document.ids.subArray(begin, Math.min(begin + step, length)), document.part));
    }
    return chunks;
  }

  private static List<Unit> retrieve(
      ChunkRetriever retriever, QualitySample sample, List<Unit> candidates) {
    List<Unit> chosen = new ArrayList<>();
    retriever
        .choose(sample, candidates.stream().map(Unit::ids).toList())
        .forEach(index -> chosen.add(candidates.get(index)));
    return chosen;
  }

  private static Retrieved retrieved(
      QualitySample sample, List<Unit> candidates, List<Unit> chosen) {
    Set<Integer> found = new HashSet<>();
    chosen.forEach(unit -> found.add(unit.part));
    found.retainAll(sample.supporting());
    return new Retrieved(candidates.size(), sample.supporting().size(), found.size());
  }

  private void leaveOut(List<Unit> units, QualitySample sample) {
    int bosCount = fleet.bosTokenId().isPresent() ? 1 : 0;
    long limit = fleet.maxSequenceTokenCount() - (long) maxNewTokens - bosCount;
    long length = unit(sample, sample.parts().size() - 1).ids.length();
    length += hasPrefix ? unit(sample, 0).ids.length() : 0;
    length += units.stream().mapToLong(unit -> unit.ids.length()).sum();
    while (length > limit && !units.isEmpty()) {
      length -= units.remove(units.size() / 2).ids.length();
    }
  }

  private void addChunks(List<PromptSegment> segments, Unit unit) {
    cut(unit).forEach(chunk -> segments.add(new PromptSegment(chunk.ids, true)));
  }

  private void learn(QualitySample sample) {
    List<String> unknown =
        sample.parts().stream()
            .map(PromptPart::text)
            .distinct()
            .filter(text -> !known.containsKey(text))
            .toList();
    if (unknown.isEmpty()) {
      return;
    }
    WorkerClient tokenizer = fleet.first().client();
    List<ImmutableIntArray> ids = tokenizer.tokenize(unknown, false);
    for (int i = 0; i < unknown.size(); i++) {
      known.put(unknown.get(i), ids.get(i));
    }
  }

  @Override
  public void close() {
    encoder.ifPresent(TextEncoder::close);
  }
}
