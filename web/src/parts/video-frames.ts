/** Each frame that a video shows, when it shows it. */

/**
 * Call back for each new frame with its time in the video, in seconds; gives what ends that.
 *
 * The callback goes on through pauses and seeks, and rests while the page is hidden.
 */
export function onVideoFrames(
  video: HTMLVideoElement,
  callback: (seconds: number) => void,
): () => void {
  if ("requestVideoFrameCallback" in video) {
    const next = (_: number, frame: VideoFrameCallbackMetadata) => {
      handle = video.requestVideoFrameCallback(next);
      callback(frame.mediaTime);
    };
    let handle = video.requestVideoFrameCallback(next);
    return () => video.cancelVideoFrameCallback(handle);
  }
  return onNewTimes(video, callback);
}

// Not every browser tells of frames: a new time is a new frame, then.
function onNewTimes(video: HTMLVideoElement, callback: (seconds: number) => void): () => void {
  let last = -1;
  const next = () => {
    handle = requestAnimationFrame(next);
    if (video.currentTime !== last) {
      last = video.currentTime;
      callback(last);
    }
  };
  let handle = requestAnimationFrame(next);
  return () => cancelAnimationFrame(handle);
}
