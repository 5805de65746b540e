package ai.cacheblend.mock;

import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.TokenIdCodec;
import com.google.common.primitives.ImmutableIntArray;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;

/** The token ids of a prompt and the rows that are cached. */
record MockPrompt(ImmutableIntArray ids, List<Part> parts) {

  /** A segment, whose rows start at position {@code first}. */
  record Part(int segmentIndex, int first, ImmutableIntArray ids, boolean cached) {
    int end() {
      return first + ids.length();
    }
  }

  MockPrompt {
    parts = List.copyOf(parts);
  }

  static MockPrompt of(List<Segment> segments) {
    if (segments.isEmpty()) {
      throw invalid("segments is empty; a prompt needs at least one token");
    }
    ImmutableIntArray.Builder all = ImmutableIntArray.builder();
    List<Part> parts = new ArrayList<>();
    int position = 0;
    for (Segment segment : segments) {
      ImmutableIntArray ids = ids(segment, parts.size());
      all.addAll(ids);
      parts.add(new Part(parts.size(), position, ids, segment.getCached()));
      position += ids.length();
    }
    return new MockPrompt(all.build(), parts);
  }

  static ImmutableIntArray ids(Segment segment, int index) {
    ImmutableIntArray ids =
        switch (segment.getContentCase()) {
          case TEXT -> MockTokenizer.encode(segment.getText());
          case TOKEN_IDS -> ImmutableIntArray.copyOf(TokenIdCodec.decode(segment.getTokenIds()));
          case CONTENT_NOT_SET ->
              throw invalid("segments[" + index + "] has neither token_ids nor text; set one");
        };
    if (ids.isEmpty()) {
      throw invalid("segments[" + index + "] is empty; it needs at least one token");
    }
    ids.forEach(
        id -> {
          if (id < 0 || id >= MockTokenizer.VOCABULARY_SIZE) {
            throw invalid(
                "segments["
                    + index
                    + "] holds token id "
                    + id
                    + "; use ids below "
                    + MockTokenizer.VOCABULARY_SIZE);
          }
        });
    return ids;
  }

  static RuntimeException invalid(String description) {
    return Status.INVALID_ARGUMENT.withDescription(description).asRuntimeException();
  }

  int length() {
    return ids.length();
  }

  List<Part> chunks() {
    return parts.stream().filter(Part::cached).toList();
  }
}
