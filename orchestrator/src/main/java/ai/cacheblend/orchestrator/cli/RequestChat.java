package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.dataset.ChatTemplate;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts a chat template around the segments of a request, which stay whole. */
final class RequestChat {
  private RequestChat() {}

  static PromptRequest around(PromptRequest request, Optional<ChatTemplate.Wrapper> wrapper) {
    if (wrapper.isEmpty()) {
      return request;
    }
    ChatTemplate.Wrapper chat = wrapper.get();
    List<PromptRequest.Segment> segments = new ArrayList<>(request.segments());
    if (chat.trims()) {
      replace(segments, 0, segments.get(0).text().stripLeading());
      int last = segments.size() - 1;
      replace(segments, last, segments.get(last).text().stripTrailing());
      segments.removeIf(segment -> segment.text().isEmpty() && segment.tokenIds().isEmpty());
    }
    List<PromptRequest.Segment> all = new ArrayList<>();
    add(all, chat.before());
    all.addAll(segments);
    add(all, chat.after());
    return request.with(all);
  }

  private static void replace(List<PromptRequest.Segment> segments, int index, String text) {
    PromptRequest.Segment segment = segments.get(index);
    segments.set(index, new PromptRequest.Segment(text, segment.tokenIds(), segment.cached()));
  }

  private static void add(List<PromptRequest.Segment> segments, String text) {
    if (!text.isEmpty()) {
      segments.add(new PromptRequest.Segment(text, ImmutableIntArray.of(), false));
    }
  }
}
