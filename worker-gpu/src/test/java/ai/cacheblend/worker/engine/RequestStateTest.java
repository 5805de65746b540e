package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.engine.RequestState.DECODING;
import static ai.cacheblend.worker.engine.RequestState.ENDED;
import static ai.cacheblend.worker.engine.RequestState.PREFILL;
import static ai.cacheblend.worker.engine.RequestState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RequestStateTest {
  private static final Map<RequestState, Set<RequestState>> ALLOWED =
      Map.of(
          WAITING, Set.of(PREFILL, ENDED),
          PREFILL, Set.of(PREFILL, DECODING, ENDED),
          DECODING, Set.of(DECODING, ENDED),
          ENDED, Set.of());

  @Test
  void onlyTheDocumentedTransitionsAreAllowed() {
    for (RequestState from : RequestState.values()) {
      for (RequestState to : RequestState.values()) {
        if (ALLOWED.get(from).contains(to)) {
          assertThat(from.to(to)).isEqualTo(to);
        } else {
          assertThatIllegalStateException()
              .isThrownBy(() -> from.to(to))
              .withMessage("a request cannot change from %s to %s", from, to);
        }
      }
    }
  }
}
