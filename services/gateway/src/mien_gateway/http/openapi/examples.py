"""Examples for the API's description, as the sample photo is answered."""

ANALYSIS_EXAMPLE = {
    "request_id": "5f0c1a6f8d3b4b0c9e6f6f2d8f1f7a11",
    "model": {"name": "fer2013-squeezenet-pytorch", "version": 1, "framework": "pytorch"},
    "detector": {"name": "yunet", "version": "2023mar-1"},
    "image": {"width": 512, "height": 512},
    "faces": [
        {
            "index": 0,
            "box": {"x": 177.2, "y": 72.5, "width": 93.1, "height": 124.8},
            "landmarks": {
                "left_eye": {"x": 205.4, "y": 119.8},
                "right_eye": {"x": 246.9, "y": 117.3},
                "nose": {"x": 228.3, "y": 143.0},
                "left_mouth": {"x": 209.7, "y": 163.9},
                "right_mouth": {"x": 248.8, "y": 161.5},
            },
            "detection_score": 0.93,
            "top": {"label": "happy", "probability": 0.967},
            "quality": {
                "size_pixels": 93.1,
                "sharpness": 0.21,
                "yaw_degrees": 2.4,
                "roll_degrees": -3.4,
                "issues": [],
            },
            "probabilities": {
                "angry": 0.003,
                "disgust": 0.001,
                "fear": 0.004,
                "happy": 0.967,
                "sad": 0.005,
                "surprise": 0.009,
                "neutral": 0.011,
            },
        }
    ],
    "cache": "miss",
    "served_by": "torchserve",
    "timings_ms": {"cache": 0.6, "detect": 9.1, "infer": 6.4, "total": 16.9},
}

PROBLEM_EXAMPLE = {
    "type": "urn:mien:problem:unknown_model",
    "title": "Unknown model",
    "status": 404,
    "detail": "There is no model 'resnet': choose one of fer2013-squeezenet-pytorch",
    "instance": "/v1/analyze",
    "code": "unknown_model",
    "request_id": "5f0c1a6f8d3b4b0c9e6f6f2d8f1f7a11",
}
