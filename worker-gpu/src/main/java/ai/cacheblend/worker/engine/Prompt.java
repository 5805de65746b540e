package ai.cacheblend.worker.engine;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.blend.PromptLayout;
import ai.cacheblend.worker.blend.PromptLayout.Span;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;

/** The whole prompt of a request. */
public record Prompt(List<Segment> segments) {
  /** A part of a prompt: a chunk whose KV was collected, or plain tokens. */
  public record Segment(ImmutableIntArray tokenIds, boolean cached) {
    public Segment {
      requireNonNull(tokenIds, "tokenIds is null");
    }
  }

  public Prompt {
    segments = List.copyOf(segments);
  }

  long tokenCount() {
    long count = 0;
    for (Segment segment : segments) {
      count += segment.tokenIds().length();
    }
    return count;
  }

  ImmutableIntArray tokenIds() {
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder(Math.toIntExact(tokenCount()));
    for (Segment segment : segments) {
      ids.addAll(segment.tokenIds());
    }
    return ids.build();
  }

  /** Token ids at these positions, which ascend. */
  ImmutableIntArray tokenIds(ImmutableIntArray positions) {
    int[] ids = new int[positions.length()];
    int row = 0;
    int start = 0;
    for (Segment segment : segments) {
      int end = start + segment.tokenIds().length();
      for (; row < ids.length && positions.get(row) < end; row++) {
        ids[row] = segment.tokenIds().get(positions.get(row) - start);
      }
      start = end;
    }
    return ImmutableIntArray.copyOf(ids);
  }

  /** The prompt in which these segments are not cached. */
  Prompt computing(List<Integer> indices) {
    List<Segment> changed = new ArrayList<>(segments);
    for (int index : indices) {
      changed.set(index, new Segment(segments.get(index).tokenIds(), false));
    }
    return new Prompt(changed);
  }

  PromptLayout layout() {
    List<Span> chunks = new ArrayList<>();
    int position = 0;
    for (Segment segment : segments) {
      int end = position + segment.tokenIds().length();
      if (segment.cached()) {
        chunks.add(new Span(position, end));
      }
      position = end;
    }
    return new PromptLayout(position, chunks);
  }
}
