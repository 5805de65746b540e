package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.plan.LoadWorkload;
import ai.cacheblend.orchestrator.plan.TraceFile;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The prompts of a trace: a chunk of text for each hash id, and fresh text in place of the last
 * block. Lengths are scaled to the chunk size.
 */
final class TracePrompts implements PromptSource {
  private final LoadWorkload.Trace trace;
  private final int maxNewTokens;
  private final TokenText text;
  private final OptionalInt bosTokenId;
  private final Map<Integer, Integer> chunkIds;

  TracePrompts(LoadWorkload.Trace trace, int maxNewTokens, TokenText text, OptionalInt bosTokenId) {
    this.trace = trace;
    this.maxNewTokens = maxNewTokens;
    this.text = text;
    this.bosTokenId = bosTokenId;
    this.chunkIds = chunkIds(trace);
  }

  /** From hash ids to numbers from 0, by first use. */
  private static Map<Integer, Integer> chunkIds(LoadWorkload.Trace trace) {
    Map<Integer, Integer> ids = new LinkedHashMap<>();
    for (TraceFile.Request request : trace.file().requests()) {
      int[] hashIds = request.hashIds().toArray();
      for (int i = 0; i < hashIds.length - 1; i++) {
        ids.putIfAbsent(hashIds[i], ids.size());
      }
    }
    return ids;
  }

  /** Tokens of text that the chunks are cut from. */
  static long textTokens(LoadWorkload.Trace trace) {
    return (chunkIds(trace).size() + 1L) * trace.chunkTokens();
  }

  @Override
  public Supplier<LoadPrompt> prompts(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<TraceFile.Request> requests = trace.file().requests();
    int[] next = {0};
    return () -> prompt(requests.get(next[0]++ % requests.size()), random);
  }

  private LoadPrompt prompt(TraceFile.Request request, SplittableRandom random) {
    List<PromptSegment> segments = new ArrayList<>();
    bosTokenId.ifPresent(bos -> segments.add(new PromptSegment(ImmutableIntArray.of(bos), false)));
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
    for (int i = 0; i < request.hashIds().length() - 1; i++) {
      int id = chunkIds.get(request.hashIds().get(i));
      segments.add(new PromptSegment(text.chunk(id, trace.chunkTokens()), true));
      ids.add(id);
    }
    segments.add(
        new PromptSegment(
            text.at(random.nextInt(text.length()), trace.lastBlockTokens(request)), false));
    return new LoadPrompt(segments, ids.build(), Math.min(request.outputTokens(), maxNewTokens));
  }

  @Override
  public List<ImmutableIntArray> pool() {
    return IntStream.range(0, chunkIds.size())
        .mapToObj(id -> text.chunk(id, trace.chunkTokens()))
        .toList();
  }
}
