/** Frames of the camera as JPEG, through one canvas that is used again and again. */

const WIDTH = 640;
const QUALITY = 0.8;

/** A frame as it was sent: smaller than the camera's, of the same shape. */
export class FrameGrabber {
  private readonly canvas = document.createElement("canvas");
  private readonly context = this.canvas.getContext("2d");
  private encoding = false;

  /** Whether a frame is being encoded; only one is at a time. */
  get isBusy(): boolean {
    return this.encoding;
  }

  /** The frame that the video shows now; null where there is none. */
  async grab(video: HTMLVideoElement): Promise<Blob | null> {
    if (!this.context || this.encoding || video.videoWidth === 0) {
      return null;
    }
    const scale = Math.min(1, WIDTH / video.videoWidth);
    const [width, height] = [video.videoWidth * scale, video.videoHeight * scale].map(Math.round);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width ?? 0;
      this.canvas.height = height ?? 0;
    }
    this.context.drawImage(video, 0, 0, this.canvas.width, this.canvas.height);
    this.encoding = true;
    try {
      return await new Promise((resolve) => this.canvas.toBlob(resolve, "image/jpeg", QUALITY));
    } finally {
      this.encoding = false;
    }
  }
}
