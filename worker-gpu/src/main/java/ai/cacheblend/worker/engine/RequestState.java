package ai.cacheblend.worker.engine;

/**
 * States of a request.
 *
 * <pre>
 * WAITING ──► PREFILL ──► DECODING ──► ENDED
 *    │           └──────────────────────▲
 *    └──────────────────────────────────┘
 * </pre>
 *
 * A prefill may take several steps. A request that computes nothing ends when it starts, or stays
 * in PREFILL without steps until its work on other threads is done.
 */
enum RequestState {
  WAITING,
  PREFILL,
  DECODING,
  ENDED;

  RequestState to(RequestState next) {
    if (!canBecome(next)) {
      throw new IllegalStateException("a request cannot change from " + this + " to " + next);
    }
    return next;
  }

  private boolean canBecome(RequestState next) {
    return switch (this) {
      case WAITING -> next == PREFILL || next == ENDED;
      case PREFILL -> next == PREFILL || next == DECODING || next == ENDED;
      case DECODING -> next == DECODING || next == ENDED;
      case ENDED -> false;
    };
  }
}
