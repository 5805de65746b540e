/**
 * Models and data sets of the Hugging Face Hub in the local cache, which Python's {@code
 * huggingface_hub} shares. Nothing is downloaded.
 */
package ai.cacheblend.hub;
