package ai.cacheblend.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.dataset.ChatTemplate;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestChatTest {
  private static final ImmutableIntArray NONE = ImmutableIntArray.of();

  @Test
  void segmentsStayWholeBetweenTheWrapper() throws JsonProcessingException {
    PromptRequest request =
        request("{\"text\": \" A \", \"cache\": true}, {\"token_ids\": [5]}, {\"text\": \" Q \"}");

    assertThat(around(request, new ChatTemplate.Wrapper("<s>[", "]", false)).segments())
        .containsExactly(
            new PromptRequest.Segment("<s>[", NONE, false),
            new PromptRequest.Segment(" A ", NONE, true),
            new PromptRequest.Segment("", ImmutableIntArray.of(5), false),
            new PromptRequest.Segment(" Q ", NONE, false),
            new PromptRequest.Segment("]", NONE, false));
  }

  @Test
  void whiteSpaceIsRemovedWhereTheTemplateRemovesIt() throws JsonProcessingException {
    PromptRequest request = request("{\"text\": \" A \", \"cache\": true}, {\"text\": \" Q \"}");

    assertThat(around(request, new ChatTemplate.Wrapper("[", "]", true)).segments())
        .containsExactly(
            new PromptRequest.Segment("[", NONE, false),
            new PromptRequest.Segment("A ", NONE, true),
            new PromptRequest.Segment(" Q", NONE, false),
            new PromptRequest.Segment("]", NONE, false));
  }

  @Test
  void aRequestWithoutATemplateIsUnchanged() throws JsonProcessingException {
    PromptRequest request = request("{\"text\": \"A\"}");
    assertThat(RequestChat.around(request, Optional.empty())).isSameAs(request);
  }

  private static PromptRequest around(PromptRequest request, ChatTemplate.Wrapper wrapper) {
    return RequestChat.around(request, Optional.of(wrapper));
  }

  private static PromptRequest request(String segments) throws JsonProcessingException {
    return RequestFile.parse(
        new JsonMapper()
            .readTree("{\"method\": \"full_prefill\", \"segments\": [" + segments + "]}"));
  }
}
